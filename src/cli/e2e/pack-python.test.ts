import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { pithBuild, succeed } from '../../testing/commands.ts';
import { createPackBench, type PackBench } from '../../testing/packed.ts';
import { describeWith, unlessRoot } from '../../testing/tools.ts';
import { makeWheel } from '../../testing/wheel.ts';

/** Packages of the release whose Python the image has; unpacked, they stand for what pip would have installed. */
const PACKAGES = ['python3-flask', 'gunicorn', 'python3-fastapi', 'python3-uvicorn', 'python3-numpy'];

const FLASK = `from flask import Flask, render_template
import numpy

app = Flask(__name__)

@app.get("/")
def index():
    return render_template("page.txt", total=numpy.linalg.det(numpy.eye(3)) + numpy.arange(5).sum())
`;
const FASTAPI = `from fastapi import FastAPI
import os

app = FastAPI()

@app.get("/users/{user}")
def read(user: int):
    return {"user": user + 1, "of": os.getuid()}
`;

describeWith(
  'a Python server answers',
  { tools: ['podman', 'runc', 'nsenter', 'umoci'], unless: unlessRoot() },
  () => {
    let bench: PackBench;
    let packages: string;
    beforeAll(async () => {
      bench = await createPackBench();
      const { folder } = bench.storage;
      const definition = `name: packages\nextends: python3-debian13\npackages: [${PACKAGES.join(', ')}]\n`;
      const path = await bench.write('../packages.yaml', definition);
      const layout = join(folder, 'packages');
      await pithBuild([path, '--platform', 'linux/amd64', '-o', `oci:${layout}`]);
      await succeed('umoci', ['unpack', '--image', `${layout}:packages:latest`, join(folder, 'unpacked')]);
      packages = join(folder, 'unpacked/rootfs/usr/lib/python3/dist-packages');
    });
    afterAll(() => bench.remove());

    it('that is a wheel, with the wheels that it asks for', async () => {
      const program = [
        'from http.server import BaseHTTPRequestHandler, HTTPServer',
        'import os, words',
        'class Handler(BaseHTTPRequestHandler):',
        '    def do_GET(self):',
        '        self.send_response(200); self.end_headers()',
        '        self.wfile.write(f"{words.GREETING} {os.getuid()}".encode())',
        'def run():',
        '    HTTPServer(("", 8000), Handler).serve_forever()',
      ].join('\n');
      const app = {
        name: 'web',
        files: { 'web/__init__.py': '', 'web/main.py': program },
        metadata: ['Requires-Dist: words>=1'],
        scripts: ['web = web.main:run'],
      };
      const words = { name: 'words', files: { 'words.py': 'GREETING = "wheel"\n' } };
      await bench.write('wheels/web-1.0-py3-none-any.whl', makeWheel(app));
      await bench.write('wheels/words-1.0-py3-none-any.whl', makeWheel(words));
      await bench.image('wheels');
      expect(await bench.answer('wheels', { port: 8000 })).toBe('200 wheel 65532');
      expect(await bench.refusal('wheels/web-1.0-py3-none-any.whl')).toContain('asks for words, of which');
      const changed = makeWheel({
        ...words,
        record: (lines) => lines.map((line) => line.replace(/(words\.py,sha256=)./, '$1_')),
      });
      await bench.write('wheels/words-1.0-py3-none-any.whl', changed);
      expect(await bench.refusal('wheels')).toContain('words.py is not what the archive says of it');
    });

    it('Flask with gunicorn and numpy, from a target folder; the libraries of numpy are added', async () => {
      await bench.copy(packages, 'flask/site');
      await bench.write('flask/app.py', FLASK);
      // Links to where Debian has what extensions are compiled with; what pip installs has none.
      await succeed('find', [bench.path('flask/site'), '-lname', '../../../*', '-delete']);
      await bench.write('flask/templates/page.txt', 'sum {{ total }}');
      const text = await bench.explain('flask');
      expect(text).toMatch(/^Python application \(Flask\)\n/);
      expect(text).toMatch(/\nBase python3-debian13\n/);
      expect(text).toMatch(/\n {2}with libblas3, because \/app\/site\/numpy\/\S+ needs libblas\.so\.3\n/);
      await bench.image('flask');
      expect(await bench.answer('flask', { port: 8000 })).toBe('200 sum 11.0');
    });

    it('FastAPI with uvicorn, from a virtual environment', async () => {
      await bench.copy(packages, 'fastapi/.venv/lib/python3.13/site-packages');
      await bench.write('fastapi/.venv/pyvenv.cfg', 'home = /usr/bin\nversion = 3.13.5\n');
      await bench.write('fastapi/.venv/bin/activate', '');
      await symlink('/usr/bin/python3', bench.path('fastapi/.venv/bin/python3'));
      await bench.write('fastapi/main.py', FASTAPI);
      await bench.image('fastapi');
      expect(await bench.answer('fastapi', { port: 8000, path: '/users/41' })).toBe(
        '200 {"user":42,"of":65532}',
      );
    });

    it('and one for a Python that no image has is refused', async () => {
      await bench.write('old/pyproject.toml', '[project]\nname = "old"\nrequires-python = "<3.10"\n');
      await bench.write('old/main.py', FASTAPI);
      expect(await bench.refusal('old')).toMatch(
        /wants python3 .*<3\.10.*which no image has \[APP_INVALID\]\npith: hint: There are 3\.13, 3\.11\./,
      );
    });
  },
);
