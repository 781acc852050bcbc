import type { Command, Option } from 'commander';
import { PithError } from '../../core/index.ts';
import { workspaceOf } from '../workspace.ts';

/** Each script asks `pith complete WORD…` for the candidates of the last word. */
const SCRIPTS: Readonly<Record<string, string>> = {
  bash: `_pith() {
  local cur="\${COMP_WORDS[COMP_CWORD]}"
  COMPREPLY=()
  while IFS= read -r candidate; do COMPREPLY+=("$candidate"); done < <(pith complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  [[ \${#COMPREPLY[@]} -eq 0 ]] && COMPREPLY=($(compgen -f -- "$cur"))
}
complete -o nospace -o bashdefault -F _pith pith
`,
  zsh: `#compdef pith
_pith() {
  local -a candidates
  candidates=("\${(@f)$(pith complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if (( \${#candidates} )) && [[ -n "$candidates[1]" ]]; then compadd -Q -- $candidates; else _files; fi
}
compdef _pith pith
`,
  fish: `complete -c pith -a '(pith complete -- (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)'
`,
};

/** `pith completion SHELL`: prints the script that the shell is to source. */
export function completion(shell: string): void {
  const script = SCRIPTS[shell];
  if (script === undefined) {
    throw new PithError('USAGE', `there is no completion for ${JSON.stringify(shell)}`, {
      hint: `The shells are ${Object.keys(SCRIPTS).join(', ')}.`,
    });
  }
  process.stdout.write(script);
}

/** Prints the candidates for the last of the words, a line each. */
export async function complete(words: readonly string[], program: Command): Promise<void> {
  const found = await candidates(words, program);
  process.stdout.write(found.map((candidate) => `${candidate}\n`).join(''));
}

async function candidates(words: readonly string[], program: Command): Promise<string[]> {
  const last = words.at(-1) ?? '';
  let command = program;
  for (const word of words.slice(0, -1))
    command = command.commands.find((sub) => sub.name() === word) ?? command;
  const option = command.options.find(({ long, short }) => [long, short].includes(words.at(-2)));
  const found = option?.required
    ? valuesOf(option)
    : last.startsWith('-')
      ? optionsOf(command)
      : await wordsOf(command);
  return found.filter((candidate) => candidate.startsWith(last));
}

function optionsOf(command: Command): string[] {
  return command.options.filter(({ hidden }) => !hidden).flatMap(({ long }) => (long ? [long] : []));
}

async function wordsOf(command: Command): Promise<string[]> {
  const visible = command
    .createHelp()
    .visibleCommands(command)
    .map((sub) => sub.name());
  if (command.name() === 'completion') return Object.keys(SCRIPTS);
  return ['build', 'run', 'lock', 'update', 'show'].includes(command.name())
    ? (await workspaceOf({}).catalogue.images()).map(({ name }) => name)
    : visible;
}

function valuesOf(option: Option): string[] {
  switch (option.long ?? '') {
    case '--output':
      return [
        'oci:',
        'oci-archive:',
        'docker-archive:',
        'containers-storage:',
        'docker-daemon:',
        'containerd:',
      ];
    case '--platform':
      return [
        'all',
        'linux/amd64',
        'linux/arm64',
        'linux/arm/v7',
        'linux/ppc64le',
        'linux/riscv64',
        'linux/s390x',
      ];
    default:
      return option.argChoices ?? [];
  }
}
