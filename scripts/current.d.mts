/** Whether dist/ was built from the sources as they are. */
export function isCurrent(root: string): boolean;
