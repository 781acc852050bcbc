/** Largest ID that container engines take (runc: libcontainer/user). */
const MAX_ID = 2_147_483_647;
const SIGNALS =
  /^(?:SIG)?(?:HUP|INT|QUIT|ILL|TRAP|ABRT|BUS|FPE|KILL|USR1|SEGV|USR2|PIPE|ALRM|TERM|STKFLT|CHLD|CLD|CONT|STOP|TSTP|TTIN|TTOU|URG|XCPU|XFSZ|VTALRM|PROF|WINCH|IO|POLL|PWR|SYS|RTMIN(?:\+\d{1,2})?|RTMAX(?:-\d{1,2})?)$/i;

/** Whether a text says whom a container runs as: a name or number, and behind a colon a group (OCI image-spec, config.md). */
export function isUser(text: string): boolean {
  const [user = '', group, ...more] = text.split(':');
  const isOne = (part: string): boolean => part !== '' && (!/^\d+$/.test(part) || Number(part) <= MAX_ID);
  return more.length === 0 && isOne(user) && (group === undefined || isOne(group));
}

/** Whether a text is a signal of Linux by name or number (signal(7)). */
export function isSignal(text: string): boolean {
  return SIGNALS.test(text) || (/^\d{1,2}$/.test(text) && Number(text) >= 1 && Number(text) <= 64);
}
