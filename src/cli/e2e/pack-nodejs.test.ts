import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { succeed } from '../../testing/commands.ts';
import { createPackBench, type PackBench } from '../../testing/packed.ts';
import { describeWith, unlessRoot } from '../../testing/tools.ts';

const EXPRESS = '5.1.0';
const SHARP = '0.34.4';
const NITRO = '2.12.9';
const PNPM = 'pnpm@10.18.3';

const SERVER = `const express = require('express');
const app = express();
app.get('/', (request, response) => response.send('express ' + process.getuid() + ' ' + process.version.split('.')[0]));
app.listen(process.env.PORT || 3000);
`;
const PICTURE = `import { createServer } from 'node:http';
import sharp from 'sharp';
const create = { width: 20, height: 10, channels: 3, background: 'red' };
createServer(async (request, response) => {
  const { format, width } = await sharp(await sharp({ create }).resize(10).webp().toBuffer()).metadata();
  response.end(format + ' ' + width);
}).listen(3000);
`;

describeWith(
  'a Node.js server answers',
  { tools: ['podman', 'runc', 'nsenter', 'npm', 'npx'], unless: unlessRoot() },
  () => {
    let bench: PackBench;
    beforeAll(async () => {
      bench = await createPackBench();
    });
    afterAll(() => bench.remove());

    const npm = (folder: string, ...args: string[]): Promise<string> =>
      succeed('npm', [...args, '--no-audit', '--no-fund', '--prefix', bench.path(folder)], {
        cwd: bench.path(folder),
      });
    const manifest = (path: string, content: object): Promise<string> =>
      bench.write(join(path, 'package.json'), JSON.stringify(content));

    it('with Express, and what changes is one layer', async () => {
      await manifest('express', {
        name: 'web',
        version: '1.2.3',
        main: 'server.js',
        engines: { node: '>=22' },
      });
      await bench.write('express/server.js', SERVER);
      await npm('express', 'install', `express@${EXPRESS}`);
      const text = await bench.explain('express');
      expect(text).toMatch(/\nLayers\n {2}dependencies: \d{3,} files, .*\n {2}application: \d files?, /);
      expect(text).toMatch(/\nBase nodejs24-debian13\n/);
      await bench.image('express');
      const before = bench.layers('express');
      expect(await bench.answer('express', { port: 3000 })).toBe('200 express 65532 v24');
      expect(await bench.answer('express', { port: 4000, flags: ['--env', 'PORT=4000'] })).toMatch(/^200 /);
      await bench.write('express/server.js', SERVER.replace("'express ", "'changed "));
      await bench.image('express');
      const after = bench.layers('express');
      expect(after.filter((layer) => !before.includes(layer))).toEqual([after.at(-1)]);
      expect(after).toHaveLength(before.length);
      expect(await bench.answer('express', { port: 3000 })).toBe('200 changed 65532 v24');
    });

    it('with a native module and its libraries', async () => {
      await manifest('sharp', { name: 'pictures', type: 'module', scripts: { start: 'node server.mjs' } });
      await bench.write('sharp/server.mjs', PICTURE);
      await npm('sharp', 'install', `sharp@${SHARP}`);
      await bench.image('sharp');
      expect(await bench.answer('sharp', { port: 3000 })).toBe('200 webp 10');
    });

    it('and a native module that is not there for a platform is named', async () => {
      expect(await bench.refusal('sharp', '--platform', 'linux/arm64')).toMatch(
        /is not for linux\/arm64: node_modules\/@img\/sharp-\S+ is for linux\/amd64/,
      );
    });

    it('that Nitro built', async () => {
      await manifest('nitro', { name: 'nitro', version: '1.0.0', private: true });
      await bench.write('nitro/nitro.config.ts', 'export default { srcDir: "." };\n');
      await bench.write(
        'nitro/routes/index.ts',
        'export default defineEventHandler(() => `nitro ${process.getuid()}`);\n',
      );
      await npm('nitro', 'install', `nitropack@${NITRO}`);
      await succeed('npx', ['nitropack', 'build'], { cwd: bench.path('nitro'), env: { CI: '1' } });
      expect(await bench.explain('nitro')).toMatch(/^Node\.js application \(Nitro.*\n/);
      await bench.image('nitro');
      expect(await bench.answer('nitro', { port: 3000 })).toBe('200 nitro 65532');
    });

    it('of a pnpm workspace, as `pnpm deploy` writes it', async () => {
      await manifest('workspace', { name: 'root', private: true });
      await bench.write(
        'workspace/pnpm-workspace.yaml',
        'packages: [packages/*]\ninjectWorkspacePackages: true\n',
      );
      await manifest('workspace/packages/words', { name: 'words', version: '1.0.0', main: 'index.js' });
      await bench.write('workspace/packages/words/index.js', "module.exports = 'of the workspace';\n");
      await manifest('workspace/packages/web', {
        name: 'web',
        version: '1.0.0',
        main: 'server.js',
        dependencies: { express: EXPRESS, words: 'workspace:*' },
      });
      await bench.write(
        'workspace/packages/web/server.js',
        SERVER.replace("'express ' + process.getuid()", "require('words')"),
      );
      const pnpm = (...args: string[]): Promise<string> =>
        succeed('npx', ['--yes', PNPM, ...args], { cwd: bench.path('workspace'), env: { CI: '1' } });
      const store = ['--store-dir', join(bench.storage.folder, 'pnpm')];
      await pnpm('install', ...store);
      await pnpm('--filter', 'web', 'deploy', '--prod', ...store, bench.path('deployed'));
      await bench.image('deployed');
      expect(await bench.answer('deployed', { port: 3000 })).toBe('200 of the workspace v24');
    });

    it('is refused if nothing is installed, with the command that installs it', async () => {
      await manifest('bare', { name: 'bare', main: 'server.js', dependencies: { express: EXPRESS } });
      await bench.write('bare/server.js', SERVER);
      expect(await bench.refusal('bare')).toMatch(
        /^pith: error: server\.js imports express, which is not in node_modules \[APP_INVALID\]\npith: hint: Run `npm install --omit=dev` first/,
      );
    });
  },
);
