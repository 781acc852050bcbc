import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createImageBench, type ImageBench } from '../../testing/own-images.ts';
import { describeWith, unlessRoot } from '../../testing/tools.ts';

interface PackageSet {
  readonly name: string;
  readonly packages: string;
  /** More keys of the definition. */
  readonly more?: string;
  /** A program of the image, unless it is Python, and the program that it runs. */
  readonly interpreter?: string;
  readonly program: string;
  readonly says: string;
}

/** Where Debian keeps what enables each of PHP's extensions until a script links it. */
const PHP_FOLDERS = ['common/common', 'curl/curl', 'gd/gd', 'intl/intl', 'pgsql/pgsql']
  .map((part) => `/usr/share/php8.4-${part}`)
  .join(':');

/** Sets of packages that come to 50 or more with all that they depend on. */
const SETS: readonly PackageSet[] = [
  {
    name: 'gtk',
    packages: 'libgtk-3-0t64',
    program: 'gtk.py',
    says: 'GTK 3\nunknown letters 0\ndrawn True\n',
  },
  {
    name: 'vips',
    packages: 'libvips42t64',
    program: 'vips.py',
    says: 'libvips 8\n.png 50\n.jpg 50\n.webp 50\n.tif 50\n.gif 50\n',
  },
  {
    name: 'gdal',
    packages: 'libgdal36',
    program: 'gdal.py',
    says: 'GDAL 3\nBerlin 392000.0 5820000.0\nwidth 30\n',
  },
  {
    name: 'gstreamer',
    // A plugin of libcaca0 draws with OpenGL, which Debian's package does not depend on.
    packages: "gstreamer1.0-plugins-good, {name: libcaca0, contents: {drop: ['usr/lib/*/caca/**']}}",
    program: 'gstreamer.py',
    says: 'sound.flac 664c6143 True\nvideo.webm 1a45dfa3 True\n',
  },
  {
    name: 'php',
    packages: 'php8.4-cli, php8.4-curl, php8.4-gd, php8.4-intl, php8.4-pgsql',
    more: `env: {PHP_INI_SCAN_DIR: '${PHP_FOLDERS}'}\n`,
    interpreter: '/usr/bin/php8.4',
    program: 'extensions.php',
    says: 'PHP 8\n1.234,5\nPNG\nrefused 7\npgsql\n2024-07-01T00:00:00+02:00\n',
  },
];
/** All of them extend it. */
const BASE = 'python3-debian13';

describeWith(
  'a large set of packages in podman, confined',
  { tools: ['podman', 'runc'], unless: unlessRoot() },
  () => {
    let bench: ImageBench;
    beforeAll(async () => {
      bench = await createImageBench();
    });
    afterAll(() => bench.remove());

    describe.each(SETS)('$name', ({ name, packages, more = '', interpreter, program, says }) => {
      it('is built with all libraries that its files need', async () => {
        const text = `name: ${name}\nextends: ${BASE}\npackages: [${packages}]\n${more}`;
        const definition = await bench.write(`${name}.yaml`, text);
        const { images, notes } = await bench.build(`${BASE}:latest`, `${definition}:latest`);
        expect(notes).toEqual([]);
        const [base, own] = images;
        expect(own!.packages - base!.packages).toBeGreaterThanOrEqual(50);
      });

      it('has no file whose libraries the loader does not find', async () => {
        const output = await bench.output(`${name}:latest`, ['/programs/libraries/all.py']);
        expect(output).toMatch(/^\d+\n$/);
        expect(Number(output)).toBeGreaterThan(400);
      });

      it('does what it is for', async () => {
        const flags = interpreter === undefined ? [] : ['--entrypoint', interpreter];
        expect(await bench.output(`${name}:latest`, [`/programs/libraries/${program}`], { flags })).toBe(
          says,
        );
      });
    });
  },
);
