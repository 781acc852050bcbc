import { describe, expect, it } from 'vitest';
import { containerArguments, type ContainerOptions } from './container.ts';

const TMP = '--tmpfs /tmp:rw,noexec,nosuid,nodev,mode=1777';
const START = 'run --rm --interactive --pull never';
const CONFINED = '--cap-drop ALL --security-opt no-new-privileges';

const cases: readonly (readonly [string, Omit<ContainerOptions, 'reference'>, string])[] = [
  ['nothing', {}, `${START} --read-only ${CONFINED} ${TMP} IMAGE`],
  ['arguments', { args: ['-c', '--rm'] }, `${START} --read-only ${CONFINED} ${TMP} IMAGE -c --rm`],
  [
    'a terminal',
    { terminal: true },
    `run --rm --interactive --tty --pull never --read-only ${CONFINED} ${TMP} IMAGE`,
  ],
  [
    'a container that stays, even at a terminal',
    { detach: true, terminal: true },
    `run --rm --detach --pull never --read-only ${CONFINED} ${TMP} IMAGE`,
  ],
  ['no input', { noInput: true }, `run --rm --pull never --read-only ${CONFINED} ${TMP} IMAGE`],
  ['a writable root', { writable: true }, `${START} ${CONFINED} ${TMP} IMAGE`],
  [
    'a user and a platform',
    { user: '65532:65532', platform: 'linux/arm64' },
    `${START} --read-only ${CONFINED} ${TMP} --user 65532:65532 --platform linux/arm64 IMAGE`,
  ],
  [
    'variables, ports, volumes, one after the other',
    {
      env: ['A=1', 'B'],
      envFile: ['a.env', 'b.env'],
      publish: ['80:8080', '443'],
      volume: ['./a:/a:ro', 'b:/b'],
    },
    `${START} --read-only ${CONFINED} ${TMP} --env A=1 --env B --env-file a.env --env-file b.env` +
      ' --publish 80:8080 --publish 443 --volume ./a:/a:ro --volume b:/b IMAGE',
  ],
  [
    'network, folder, program and name',
    { network: 'none', workdir: '/srv', entrypoint: '/bin/x', name: 'x' },
    `${START} --read-only ${CONFINED} ${TMP} --network none --workdir /srv --entrypoint /bin/x --name x IMAGE`,
  ],
  [
    'arguments of the engine, which stand last',
    { name: 'x', engineArgs: ['--init', '--ulimit', 'nofile=9:9'] },
    `${START} --read-only ${CONFINED} ${TMP} --name x --init --ulimit nofile=9:9 IMAGE`,
  ],
  ...[
    { volume: ['data:/tmp'] },
    { volume: ['/a:/tmp:ro'] },
    { engineArgs: ['--tmpfs', '/tmp:exec'] },
    { engineArgs: ['--tmpfs=/tmp'] },
    { engineArgs: ['--mount', 'type=bind,src=/a,target=/tmp'] },
  ].map(
    (options) =>
      [
        `a mount of their own at /tmp: ${JSON.stringify(options)}`,
        options,
        `${START} --read-only ${CONFINED} ${Object.entries(options)
          .flatMap(([key, values]) =>
            values.flatMap((value) => (key === 'volume' ? ['--volume', value] : [value])),
          )
          .join(' ')} IMAGE`,
      ] as const,
  ),
  [
    'a mount below /tmp',
    { volume: ['data:/tmp/data'] },
    `${START} --read-only ${CONFINED} ${TMP} --volume data:/tmp/data IMAGE`,
  ],
];

describe('the arguments of a container', () => {
  it.each(cases)('with %s', (_what, options, expected) => {
    expect(containerArguments('podman', { reference: 'IMAGE', ...options }).join(' ')).toBe(expected);
    expect(containerArguments('docker', { reference: 'IMAGE', ...options }).join(' ')).toBe(expected);
  });

  it('for nerdctl, which does not remove containers that it leaves, do not ask for both', () => {
    expect(containerArguments('nerdctl', { reference: 'IMAGE', detach: true })).not.toContain('--rm');
    expect(containerArguments('nerdctl', { reference: 'IMAGE' })).toContain('--rm');
  });

  it('keep words with spaces, and empty ones, whole', () => {
    const args = containerArguments('podman', {
      reference: 'IMAGE',
      env: ['A=b c'],
      entrypoint: '',
      args: ['', 'x y'],
    });
    expect(args).toEqual(expect.arrayContaining(['A=b c', '']));
    expect(args.slice(-3)).toEqual(['IMAGE', '', 'x y']);
  });
});
