import { chmod, mkdir, symlink } from 'node:fs/promises';
import type { Server } from 'node:https';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeCertificates } from '../../testing/certificates.ts';
import { createImageBench, type ImageBench } from '../../testing/own-images.ts';
import { portOf, serveSecret } from '../../testing/secret-server.ts';
import { describeWith, unlessRoot } from '../../testing/tools.ts';

/** A definition as a team would write it. */
const TEAM = `name: registry.example/team/py-db
extends: python3-debian13
packages: ["libpq5>=17"]
files:
  - {from: conf, to: /etc/app, mode: "0640", owner: app, time: 2026-01-31T12:00:00Z}
  - {from: main.py, to: /app/, mode: "0755"}
  - {to: /var/lib/app, folder: true, mode: "0700", owner: app}
users: [{name: app, uid: 1000, home: /home/app}]
groups: [{name: readers, gid: 2000, members: [app]}]
env: {APP_HOME: /app, PATH: "\${PATH}:/app"}
entrypoint: [/usr/bin/python3, /app/main.py]
cmd: [level]
user: app
workdir: /app
ports: ["8080", 53/udp]
labels: {org.example.team: data}
`;
const MAIN = `import grp, os, pathlib, sys
path = pathlib.Path("/etc/app/app.conf")
print(path.read_text().strip(), oct(path.stat().st_mode), path.owner(), int(path.stat().st_mtime))
print(os.readlink("/etc/app/current"), os.getcwd(), os.environ["APP_HOME"], os.path.expanduser("~"))
print(os.stat("/var/lib/app").st_uid, grp.getgrnam("readers").gr_mem, sys.argv[1:], os.environ["PATH"][-9:])
`;
/** Packages besides python3-debian13, by program. */
const LIBRARIES = {
  pq: '"libpq5>=17"',
  curl: 'libcurl4t64',
  numpy_openblas: 'python3-numpy, libopenblas0',
  magick: 'libmagickwand-7.q16-10',
  ffmpeg: 'libavformat61, libavcodec61',
};

describeWith(
  'an image of one’s own in podman, confined',
  { tools: ['podman', 'runc', 'openssl'], unless: unlessRoot() },
  () => {
    let bench: ImageBench;
    let server: Server;

    beforeAll(async () => {
      bench = await createImageBench();
      const certificates = await makeCertificates(bench.storage.folder);
      server = await serveSecret(certificates.server);
      await bench.write('authority.crt', certificates.authority);
      await bench.write('main.py', MAIN);
      await bench.write('conf/app.conf', 'level=info\n');
      await symlink('app.conf', bench.path('conf/current'));
      await chmod(bench.path('conf'), 0o700);
      await mkdir(bench.path('conf/empty'));
      const written = await Promise.all([
        bench.write('team.yaml', TEAM),
        ...Object.entries(LIBRARIES).map(([name, packages]) =>
          bench.write(`${name}.yaml`, definitionOf(name, packages)),
        ),
      ]);
      const { notes } = await bench.build(...written.map((path) => `${path}:latest`));
      expect(notes).toEqual([]);
    });
    afterAll(async () => {
      await new Promise((resolve) => server.close(resolve));
      await bench.remove();
    });

    const use = (name: string, ...more: readonly string[]): Promise<string> =>
      bench.output(`${name}:latest`, [`/programs/libraries/${name}.py`, ...more], {
        flags: ['--env', 'OPENBLAS_NUM_THREADS=2'],
        network: 'host',
      });

    it('has a team’s files, accounts and configuration', async () => {
      const name = 'registry.example/team/py-db:latest';
      expect(await bench.output(name, [], { flags: ['--user', ''] })).toBe(`level=info 0o100640 app 1769860800
app.conf /app /app /home/app
1000 ['app'] ['level'] /bin:/app
`);
      const inspected = await bench.storage.podman('inspect', await bench.storage.pull(bench.layout, name));
      expect(JSON.parse(inspected)).toMatchObject([
        {
          User: 'app',
          Labels: { 'org.example.team': 'data' },
          Config: { ExposedPorts: { '8080/tcp': {}, '53/udp': {} }, WorkingDir: '/app', Cmd: ['level'] },
        },
      ]);
    });

    // /usr/bin/python3 is in a level below, in another form: of each path there may be one in a layer.
    it.each(['gzip', 'zstd'])('runs from one layer with %s', async (compression) => {
      const text = 'extends: python3-debian13\npackages: [python3-minimal]\n';
      const path = await bench.write('joined.yaml', `name: joined-${compression}\n${text}`);
      await bench.build(`${path}:latest`, '--max-layers', '1', '--compression', compression);
      const name = `joined-${compression}:latest`;
      expect(await bench.output(name, ['-c', 'import ssl; print(ssl.HAS_TLSv1_3)'])).toBe('True\n');
      const id = await bench.storage.pull(bench.layout, name);
      const inspected = await bench.storage.podman('inspect', id);
      expect((JSON.parse(inspected) as [{ RootFS: { Layers: string[] } }])[0].RootFS.Layers).toHaveLength(1);
    });

    it('uses libpq', async () => {
      expect(await use('pq')).toBe(
        '17 or newer True\npassword True\nconnection to server at "127.0.0.1", port 1 failed: Connection refused\n',
      );
    });

    it('uses libcurl, which trusts the image’s authorities', async () => {
      expect(await use('curl', portOf(server))).toBe('a secret\n');
    });

    it('uses NumPy with OpenBLAS', async () => {
      expect(await use('numpy_openblas')).toBe(`product 3605.0 True
solution True
eigenvalues [1.0, 2.0, 3.0]
libblas.so.3 is openblas-pthread
liblapack.so.3 is openblas-pthread
OpenBLAS True
`);
    });

    it('uses ImageMagick', async () => {
      const formats = ['PNG', 'JPEG', 'GIF', 'WEBP', 'TIFF', 'BMP'];
      expect(await use('magick')).toBe(formats.map((format) => `${format} 40 30\n`).join(''));
    });

    it('uses the libraries of FFmpeg', async () => {
      expect(await use('ffmpeg')).toBe(
        'open 0\nstreams 0\nbest 0 pcm_s16le\nlibx264 libx265 libvpx-vp9 libopus libmp3lame libsvtav1\n',
      );
    });
  },
);

function definitionOf(name: string, packages: string): string {
  return `name: ${name}
extends: python3-debian13
packages: [${packages}]
files: [{from: authority.crt, certificate: true}]
`;
}
