/** The engines that run containers, in the order in which they are tried. */
export const RUNNERS = ['podman', 'docker', 'nerdctl'] as const;
export type Runner = (typeof RUNNERS)[number];

/** A container and how confined it is; what is left out is as the engine has it. */
export interface ContainerOptions {
  /** The image's name in the engine's storage. */
  readonly reference: string;
  /** The image's platform, where it is not the machine's. */
  readonly platform?: string;
  /** The program's arguments. */
  readonly args?: readonly string[];
  /** Whether standard input and output are a terminal. */
  readonly terminal?: boolean;
  /** Leaves the container running by itself. */
  readonly detach?: boolean;
  /** Gives the program no standard input; it has one unless told, or detached. */
  readonly noInput?: boolean;
  /** The image's own user unless told. */
  readonly user?: string;
  /** Whether the root file system can be written to. */
  readonly writable?: boolean;
  readonly env?: readonly string[];
  readonly envFile?: readonly string[];
  readonly publish?: readonly string[];
  readonly volume?: readonly string[];
  readonly network?: string;
  readonly workdir?: string;
  readonly entrypoint?: string;
  readonly name?: string;
  /** More arguments of the engine's `run`. */
  readonly engineArgs?: readonly string[];
}

const TEMPORARY = '/tmp';
const TEMPORARY_OPTIONS = 'rw,noexec,nosuid,nodev,mode=1777';

/**
 * The engine's arguments that run a container: never pulled, removed when it ends, without capabilities and ways to get
 * any, read-only but for a `/tmp` in memory.
 */
export function containerArguments(engine: Runner, options: ContainerOptions): string[] {
  const { detach = false, noInput = false, writable = false, terminal = false } = options;
  const { engineArgs = [], args = [] } = options;
  // nerdctl takes either of them.
  const remove = !(detach && engine === 'nerdctl');
  return [
    'run',
    ...(remove ? ['--rm'] : []),
    ...(detach ? ['--detach'] : []),
    ...(detach || noInput ? [] : ['--interactive']),
    ...(terminal && !detach ? ['--tty'] : []),
    ...['--pull', 'never'],
    ...(writable ? [] : ['--read-only']),
    ...['--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'],
    ...(hasTemporary(options) ? [] : ['--tmpfs', `${TEMPORARY}:${TEMPORARY_OPTIONS}`]),
    ...one('--user', options.user),
    ...one('--platform', options.platform),
    ...each('--env', options.env),
    ...each('--env-file', options.envFile),
    ...each('--publish', options.publish),
    ...each('--volume', options.volume),
    ...one('--network', options.network),
    ...one('--workdir', options.workdir),
    ...one('--entrypoint', options.entrypoint),
    ...one('--name', options.name),
    ...engineArgs,
    options.reference,
    ...args,
  ];
}

/** Whether something else is mounted at /tmp; engines do not take two mounts there. */
function hasTemporary({ volume = [], engineArgs = [] }: ContainerOptions): boolean {
  return [...volume, ...engineArgs].some((text) => text.split(/[:=,]/).includes(TEMPORARY));
}

function one(option: string, value: string | undefined): string[] {
  return value === undefined ? [] : [option, value];
}

function each(option: string, values: readonly string[] = []): string[] {
  return values.flatMap((value) => [option, value]);
}
