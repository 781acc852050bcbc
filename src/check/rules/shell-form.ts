import type { Rule } from '../model.ts';
import type { Subject } from '../subject.ts';
import { showText } from '../show.ts';

const SHELL = /^(?:.*\/)?(?:sh|bash|dash|ash|zsh|ksh|busybox)$/;

/** The commands of an image, with the fields that have them. */
export function commandsOf({
  run,
}: Subject): { readonly field: string; readonly words: readonly string[] }[] {
  return [
    { field: 'config.Entrypoint', words: run.Entrypoint ?? [] },
    { field: 'config.Cmd', words: run.Cmd ?? [] },
  ];
}

/** The line that a command gives to a shell; undefined if there is none. */
function lineForShell(words: readonly string[]): string | undefined {
  const [program = '', ...rest] = words;
  if (!SHELL.test(program)) return undefined;
  const at = rest.findIndex((word) => /^-[a-z]*c$/.test(word));
  return at < 0 || rest.slice(0, at).some((word) => !word.startsWith('-') && word !== 'sh')
    ? undefined
    : rest[at + 1];
}

export const SHELL_FORM_RULES: readonly Rule[] = [
  {
    id: 'shell-form',
    severity: 'error',
    title: 'A command needs a shell',
    why: 'The shell form (`CMD server --port 80`) becomes `/bin/sh -c "…"`. An image without a shell cannot start it; in one with a shell, the shell is process 1 and keeps signals from the application.',
    mend: 'Write the exec form: `ENTRYPOINT ["/app/server", "--port", "80"]`. Variables are not replaced in it: let the application read its environment.',
    *find(subject) {
      for (const { field, words } of commandsOf(subject)) {
        const line = lineForShell(words);
        if (line !== undefined) yield { message: `a shell is to run ${showText(line)}`, field };
      }
    },
  },
  {
    id: 'shell-form-healthcheck',
    severity: 'error',
    title: 'The health check needs a shell',
    why: 'Without `CMD` and brackets, a health check becomes a line for `/bin/sh -c`. In an image without a shell every check fails, and the container counts as unhealthy for ever.',
    mend: 'Write `HEALTHCHECK CMD ["/app/server", "--health"]`, or let pith put its probe in: `healthcheck: http://:8080/health`.',
    *find({ run }) {
      const [kind, ...words] = run.Healthcheck?.Test ?? [];
      const line = kind === 'CMD-SHELL' ? words.join(' ') : kind === 'CMD' ? lineForShell(words) : undefined;
      if (line !== undefined)
        yield { message: `a shell is to run ${showText(line)}`, field: 'config.Healthcheck.Test' };
    },
  },
];
