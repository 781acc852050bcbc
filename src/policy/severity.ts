/** `error`: it cannot work or is not safe. `warning`: it is likely a fault. `note`: good to know. */
export type Severity = 'error' | 'warning' | 'note';

/** The worst first. */
export const SEVERITIES: readonly Severity[] = ['error', 'warning', 'note'];
