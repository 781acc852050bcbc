import type {
  PageData,
  PageEntryBefore,
  PageFinding,
  PageImage,
  PageLayer,
  PagePackage,
} from '../page/index.ts';

/** Names that would do harm on a page, a terminal, or in a path: as the tar reader gives them. */
export const HOSTILE_NAMES = [
  '</script><script>document.title="broken"</script>',
  '<!--<script>',
  '<img src=x onerror=alert(1)>',
  '"\'&amp;`${x}',
  'line\nend',
  'escape\u001b[31mred',
  'separators\u2028\u2029',
  'byte\udcff\udc80',
  'right\u202eto left',
  'zero\u200bwidth',
  'back\\x5cslash',
  ' blank ',
  'İstanbul',
  'ひらがな.txt',
  '$&$`$1',
  '<!--pith:tree-->',
  '\ufeffmark',
  'half\ud800',
] as const;

export interface TestPageOptions {
  /** How many entries the tree has besides those with hostile names; default 2000. */
  readonly files?: number;
  /** A difference of two images. */
  readonly isDifference?: boolean;
}

const LICENCES = [
  'MIT',
  'Apache-2.0',
  'GPL-2.0-or-later',
  'LGPL-2.1-or-later',
  'BSD-3-Clause',
  'Zlib',
  'OpenSSL',
];
const WORDS = [
  'ssl',
  'crypto',
  'ffi',
  'z',
  'stdc++',
  'gcc',
  'm',
  'pthread',
  'icu',
  'xml',
  'curl',
  'event',
  'python',
  'json',
  'locale',
];
const FOLDERS = [
  'usr/lib/x86_64-linux-gnu',
  'usr/lib/jvm/temurin-21/lib',
  'usr/lib/jvm/temurin-21/legal',
  'usr/share/zoneinfo/Europe',
  'usr/share/zoneinfo/America',
  'usr/share/doc',
  'usr/lib/python3/dist-packages',
  'app/node_modules',
  'etc/ssl/certs',
  'usr/bin',
  'var/lib/dpkg/status.d',
];

/** Data like those of a real image, and the same at every call. */
export function testPage({ files = 2000, isDifference = false }: TestPageOptions = {}): PageData {
  const random = createRandom();
  const packages = testPackages(random, Math.min(3000, Math.max(30, Math.round(files / 60))), isDifference);
  const layerCount = 14;
  const builder = new TreeBuilder();
  for (const name of HOSTILE_NAMES)
    builder.file(`srv/hostile/${name}`, { size: 1234, layer: layerCount - 1, package: -1 });
  while (builder.count < files + HOSTILE_NAMES.length) {
    const owner = Math.floor(random() ** 2 * packages.length);
    const folder = FOLDERS[owner % FOLDERS.length] ?? '';
    const found = packages[owner];
    const name = `${WORDS[Math.floor(random() * WORDS.length)] ?? ''}-${builder.count}`;
    const isLink = random() < 0.06;
    const change = isDifference ? changeOf(found, random) : 0;
    builder.file(`${folder}/${found?.name ?? ''}/${random() < 0.5 ? 'lib/' : ''}${name}.so`, {
      size: isLink ? 0 : Math.round(Math.exp(random() * 11 + random() * 4)),
      layer: found?.layer ?? -1,
      package: owner,
      change,
      ...(isLink ? { link: `../lib/${name}.so.1` } : {}),
      mode: random() < 0.002 ? 0o4755 : random() < 0.2 ? 0o755 : 0o644,
    });
  }
  const tree = builder.finish(isDifference);
  const layers = testLayers(layerCount, builder.bytesByLayer, random);
  const image: PageImage = {
    name: 'registry.example/team/java-service:2.4.1',
    digest: `sha256:${'3f9a5c'.repeat(10)}0a1b`,
    platform: 'linux/amd64',
    created: '2026-11-20T09:30:00Z',
    distribution: 'Debian GNU/Linux 13 (trixie)',
    base: 'java21-debian13:nonroot',
    size: layers.reduce((sum, { size }) => sum + size, 0),
    unpackedSize: layers.reduce((sum, { unpackedSize }) => sum + unpackedSize, 0),
    files: builder.fileCount,
    wasted: 1_234_567,
    efficiency: 0.9873,
    layers,
    settings: [
      { name: 'User', values: ['65532:65532'] },
      { name: 'Entrypoint', values: ['/usr/bin/java', '-jar', '/app/service.jar'] },
      {
        name: 'Environment',
        values: ['PATH=/usr/local/bin:/usr/bin', 'JAVA_HOME=/usr/lib/jvm/temurin-21', 'LANG=C.UTF-8'],
      },
      {
        name: 'Labels',
        values: ['org.opencontainers.image.source=https://example.com/team/service', 'note=</script>\u202e'],
      },
    ],
  };
  const older: PageImage = {
    ...image,
    name: 'registry.example/team/java-service:2.4.0',
    digest: `sha256:${'77be01'.repeat(10)}0a1b`,
    size: Math.round(image.size * 1.07),
    unpackedSize: Math.round(image.unpackedSize * 1.09),
    files: image.files + 40,
    layers: layers.map((layer, at) =>
      at < 9 ? layer : { ...layer, diffId: `${layer.diffId}0`, digest: `${layer.digest.slice(0, -1)}0` },
    ),
    settings: image.settings.map((setting) =>
      setting.name === 'Environment'
        ? { ...setting, values: ['PATH=/usr/local/bin:/usr/bin:/bin', 'JAVA_HOME=/usr/lib/jvm/temurin-21'] }
        : setting,
    ),
  };
  return {
    version: '0.1.0',
    image,
    ...(isDifference ? { before: older } : {}),
    tree,
    packages: packages.map((found, at) => ({
      ...found,
      size: builder.bytesByPackage[at] ?? 0,
      files: builder.filesByPackage[at] ?? 0,
    })),
    findings: testFindings(),
    tables: [
      {
        id: 'users',
        title: 'Users',
        description: 'Accounts of /etc/passwd.',
        empty: 'There is no /etc/passwd.',
        columns: [
          { title: 'Name' },
          { title: 'Uid', kind: 'number' },
          { title: 'Home', kind: 'path' },
          { title: 'Shell', kind: 'code' },
        ],
        rows: [
          ['root', 0, 'root', '/sbin/nologin'],
          ['nonroot', 65532, 'home/nonroot', '/sbin/nologin'],
        ],
      },
    ],
  };
}

function testFindings(): PageFinding[] {
  return [
    {
      rule: 'setuid-file',
      severity: 'error',
      title: 'A program runs with the rights of its owner',
      message: 'A file changes the user that runs it.',
      path: 'usr/bin',
      place: 'layer 2',
      remedy: 'Remove the bit, or leave the package out.',
    },
    {
      rule: 'no-labels',
      severity: 'note',
      message: 'The image says nothing of its source.',
      remedy: 'Set org.opencontainers.image.source.',
    },
    ...HOSTILE_NAMES.map((name): PageFinding => ({
      rule: 'odd-name',
      severity: 'warning',
      message: `The name ${name} cannot be typed.`,
      path: `srv/hostile/${name}`,
      remedy: 'Rename the file.',
    })),
  ];
}

function testPackages(random: () => number, count: number, isDifference: boolean): PagePackage[] {
  const changes = ['added', 'removed', 'upgraded', 'downgraded'] as const;
  return Array.from({ length: count }, (_none, at): PagePackage => {
    const type = at % 3 === 1 ? 'npm' : at % 7 === 2 ? 'pypi' : 'deb';
    const change =
      isDifference && random() < 0.15 ? changes[Math.floor(random() * changes.length)] : undefined;
    return {
      type,
      name: `${type === 'npm' ? '@scope/' : 'lib'}${WORDS[at % WORDS.length] ?? ''}${at}`,
      version: `${1 + (at % 9)}.${at % 20}.${at % 5}-${1 + (at % 3)}`,
      licences:
        at % 11 === 0 ? [] : [LICENCES[at % LICENCES.length] ?? '', ...(at % 5 === 0 ? ['Zlib'] : [])],
      size: 0,
      files: 0,
      layer: change === 'removed' ? at % 9 : at % 13,
      summary: 'A library that other programs need',
      reasons: [`required by lib${WORDS[(at + 1) % WORDS.length] ?? ''}${at + 1}`],
      purl: `pkg:${type}/x${at}@1`,
      ...(change && { change }),
      ...((change === 'upgraded' || change === 'downgraded') && {
        versionBefore: `1.${at % 9}.0-1`,
        sizeBefore: 100_000,
      }),
    };
  });
}

function testLayers(count: number, bytes: readonly number[], random: () => number): PageLayer[] {
  return Array.from({ length: count }, (_none, at): PageLayer => {
    const unpackedSize = (bytes[at] ?? 0) + 10_240;
    const digest = `sha256:${(at + 16).toString(16).repeat(32)}`;
    return {
      digest,
      diffId: digest.replace(/.$/, 'f'),
      mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
      size: Math.round(unpackedSize * (0.3 + random() / 5)),
      unpackedSize,
      createdBy:
        at === 13
          ? 'COPY --chown=65532:65532 target/service.jar /app/service.jar'
          : `pith: lib${WORDS[at] ?? ''}3 ${at}.2.1-4 (main)`,
      files: 100 + at,
      wasted: at === 3 ? 1_234_567 : 0,
      sharedWith: at < 9 ? ['java21-debian13'] : [],
    };
  });
}

/** Files of a package that is in one image only are too. */
function changeOf(found: PagePackage | undefined, random: () => number): number {
  if (found?.change === 'added') return 1;
  if (found?.change === 'removed') return 2;
  if (found?.change) return random() < 0.6 ? 3 : 0;
  return random() < 0.01 ? 4 : 0;
}

interface TestEntry {
  readonly size: number;
  readonly layer: number;
  readonly package: number;
  readonly change?: number;
  readonly link?: string;
  readonly mode?: number;
}

class TreeBuilder {
  readonly #folders = new Map<string, number>([['', 0]]);
  readonly #names = [''];
  readonly #parents = [0];
  readonly #entries: (TestEntry | undefined)[] = [undefined];
  readonly bytesByLayer: number[] = [];
  readonly bytesByPackage: number[] = [];
  readonly filesByPackage: number[] = [];

  get count(): number {
    return this.#names.length;
  }

  get fileCount(): number {
    return this.#entries.filter(Boolean).length;
  }

  file(path: string, entry: TestEntry): void {
    const parts = path.split('/');
    const name = parts.pop() ?? '';
    this.#add(this.#folder(parts), name, entry);
    const add = (sums: number[], at: number, value: number): void => {
      sums[at] = (sums[at] ?? 0) + value;
    };
    add(this.bytesByLayer, entry.layer, entry.size);
    add(this.bytesByPackage, entry.package, entry.size);
    add(this.filesByPackage, entry.package, 1);
  }

  finish(isDifference: boolean): PageData['tree'] {
    const column = (value: (entry: TestEntry | undefined) => number): number[] => this.#entries.map(value);
    const before = new Map<number, PageEntryBefore>();
    const links = new Map<number, string>();
    for (const [at, entry] of this.#entries.entries()) {
      if (entry?.link !== undefined) links.set(at, entry.link);
      if ((entry?.change ?? 0) >= 3 && entry)
        before.set(at, {
          type: 1,
          size: entry.change === 3 ? Math.round(entry.size * 1.2) : entry.size,
          mode: 0o600,
          uid: 0,
          gid: 0,
        });
    }
    return {
      names: this.#names,
      parents: this.#parents,
      types: column((entry) => (entry ? (entry.link === undefined ? 1 : 2) : 0)),
      sizes: column((entry) => entry?.size ?? 0),
      modes: column((entry) => entry?.mode ?? 0o755),
      uids: column((entry) => ((entry?.package ?? 0) % 50 === 7 ? 65532 : 0)),
      gids: column(() => 0),
      mtimes: column((entry) => 1_760_000_000 + (entry?.package ?? 0) * 61),
      layers: column((entry) => entry?.layer ?? -1),
      packages: column((entry) => entry?.package ?? -1),
      links,
      ...(isDifference ? { changes: column((entry) => entry?.change ?? 0), before } : {}),
    };
  }

  #folder(parts: readonly string[]): number {
    const path = parts.join('/');
    const known = this.#folders.get(path);
    if (known !== undefined) return known;
    const made = this.#add(this.#folder(parts.slice(0, -1)), parts.at(-1) ?? '', undefined);
    this.#folders.set(path, made);
    return made;
  }

  #add(parent: number, name: string, entry: TestEntry | undefined): number {
    this.#parents.push(parent);
    this.#entries.push(entry);
    return this.#names.push(name) - 1;
  }
}

/** Numbers from 0 to 1 that look like chance and are the same in every run. */
function createRandom(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
