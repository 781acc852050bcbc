import type { Rule } from '../model.ts';
import { showText } from '../show.ts';

/** signal(7): the names of Linux without SIG, on any architecture. */
const SIGNALS: ReadonlySet<string> = new Set(
  'HUP INT QUIT ILL TRAP ABRT IOT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO POLL PWR SYS'.split(
    ' ',
  ),
);
/** The highest signal of Linux, SIGRTMAX. */
const LAST_SIGNAL = 64;
const PRIVILEGED = 1024;

export const CONFIG_RULES: readonly Rule[] = [
  {
    id: 'relative-path-variable',
    severity: 'warning',
    title: 'PATH has a folder that is not absolute',
    why: 'An empty or relative part of PATH is a folder below the one that the process works in: whoever may write there decides which program runs.',
    mend: 'Write absolute folders only, without `::` and without `:` at either end.',
    *find({ env }) {
      const path = env.get('PATH');
      if (path === undefined) return;
      const relative = path.split(':').filter((part) => !part.startsWith('/'));
      for (const part of new Set(relative))
        yield {
          message: part === '' ? 'it has an empty part' : `it has the part ${showText(part)}`,
          field: 'config.Env.PATH',
        };
    },
  },
  {
    id: 'missing-path-variable',
    severity: 'note',
    title: 'PATH is not set',
    why: 'Each engine puts another default in its place, and programs that start others by name may find none.',
    mend: 'Set PATH: `/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`.',
    *find({ env, command }) {
      if (!env.has('PATH') && command.length > 0) yield { message: 'there is no PATH', field: 'config.Env' };
    },
  },
  {
    id: 'unknown-stop-signal',
    severity: 'error',
    title: 'The stop signal does not exist',
    why: 'Engines refuse to create the container, or kill the application without giving it time to end.',
    mend: 'Write a signal of Linux: SIGTERM, SIGINT, SIGQUIT …',
    *find({ run: { StopSignal: signal } }) {
      if (signal !== undefined && signal !== '' && !isSignal(signal))
        yield { message: `${showText(signal)} is no signal of Linux`, field: 'config.StopSignal' };
    },
  },
  {
    id: 'privileged-port',
    severity: 'note',
    title: 'The application has a port below 1024, but is not root',
    why: 'Docker and podman let everybody open such ports in a container; Kubernetes does so only with containerd 1.6 or newer, or with the sysctl `net.ipv4.ip_unprivileged_port_start`. On the network of the host it fails everywhere.',
    mend: 'Let the application listen on a port from 1024 on, and publish it under any other.',
    *find({ run, user }) {
      if (user.uid === 0) return;
      for (const port of Object.keys(run.ExposedPorts ?? {})) {
        const [number = ''] = port.split('/');
        if (/^\d+$/.test(number) && Number(number) > 0 && Number(number) < PRIVILEGED)
          yield { message: `port ${showText(port)}`, field: 'config.ExposedPorts' };
      }
    },
  },
];

function isSignal(text: string): boolean {
  if (/^\d+$/.test(text)) return Number(text) >= 1 && Number(text) <= LAST_SIGNAL;
  const name = text.toUpperCase().replace(/^SIG/, '');
  return (
    SIGNALS.has(name) || /^RT(?:MIN(?:\+(?:[0-9]|[12][0-9]|30))?|MAX(?:-(?:[0-9]|[12][0-9]|30))?)$/.test(name)
  );
}
