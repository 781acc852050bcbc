// Stands for packages that are left out of the bundles.
export {};
