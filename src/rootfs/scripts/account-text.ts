/** Names that systemd and Debian take for users and groups (systemd.io/USER_NAMES, the relaxed form; adduser's default). */
export function isAccountName(text: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_.-]{0,30}\$?$/.test(text);
}

/** Whether a text may be a field of passwd(5). */
export function isAccountText(text: string): boolean {
  return !/[:\u0000-\u001f\u007f]/.test(text) && text.length < 4096;
}
