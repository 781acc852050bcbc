import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inTemporaryFolder } from '../fixtures.ts';

/** For tests: scripts in place of engines. */

export const FAKE_ENGINES = [
  { kind: 'containers-storage', program: 'podman', list: 'podman images' },
  { kind: 'docker-daemon', program: 'docker', list: 'docker images' },
  { kind: 'containerd', program: 'nerdctl', list: 'nerdctl images' },
  { kind: 'containerd', program: 'ctr', list: 'ctr image ls' },
] as const;
export type Program = (typeof FAKE_ENGINES)[number]['program'];

/** What all of them begin with: the archive that an engine was given last, `$FOLDER/got.tar`, is what it holds. */
const HOLD = `
index() { tar -xOf "$FOLDER/got.tar" index.json 2> /dev/null; }
has() { index | grep -qF "\\"$1\\""; }
first() { index | sed 's/.*"manifests"//' | grep -o "$1" | head -n 1; }
case "$1 $2" in "load "*|"image import") exec cat > "$FOLDER/got.tar";; esac
echo "$@" >> "$FOLDER/asked"
`;

/** An engine that inspects and saves the one image that it has. */
const SAVES = `
case "$1 $2" in "image inspect")
  has "$3" && echo '[{"Id":"0"}]' && exit
  echo '[]'; echo "Error: no such image: $3" >&2; exit 1;;
esac`;

const SCRIPTS: Readonly<Record<Program, string>> = {
  podman: `${SAVES}\ncat "$FOLDER/got.tar"`,
  docker: `${SAVES}\ncat "$FOLDER/got.tar"`,
  nerdctl: `${SAVES}
case "$1" in images) ! has "$4" || cat "$FOLDER/platforms" 2> /dev/null || echo linux/amd64; exit 0;; esac
cat "$FOLDER/got.tar"`,
  ctr: `
case "$1 $2" in
  "image ls")
    echo 'REF TYPE DIGEST SIZE PLATFORMS LABELS'
    name="\${3#name==}"
    ! has "$name" || echo "$name $(first 'application/[^"]*') $(first 'sha256:[0-9a-f]*') 1.6 MiB linux/amd64 -";;
  "content ls") tar -tf "$FOLDER/got.tar" | sed -n 's|^blobs/sha256/\\(..*\\)$|sha256:\\1|p';;
  "content get") tar -xOf "$FOLDER/got.tar" "blobs/sha256/\${3#sha256:}";;
esac`,
};

export interface FakeEngine {
  /** `got.tar` is what it holds, `asked` the arguments that it was called with, a line a call, except for loading. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Runs with a script in place of an engine, which is the only one that is installed.
 * @param before more of the script, which runs first; nothing is installed if undefined
 */
export async function withFakeEngine(
  program: Program,
  before: string | undefined,
  work: (engine: FakeEngine) => Promise<void>,
): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    const bin = join(folder, 'bin');
    await mkdir(bin);
    const script = `#!/bin/sh\n${before ?? ''}\n${HOLD}\n${SCRIPTS[program]}\n`;
    if (before !== undefined) await writeFile(join(bin, program), script, { mode: 0o755 });
    const PATH = before === undefined ? bin : `${bin}:/usr/bin:/bin`;
    await work({ folder, environment: { PATH, FOLDER: folder } });
  });
}
