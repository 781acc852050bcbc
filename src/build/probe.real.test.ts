import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildProbe, COMPILERS } from '../../scripts/probe.mjs';
import { type Outcome, run } from '../testing/commands.ts';
import { describeWith } from '../testing/tools.ts';

const PROBES = fileURLToPath(new URL('../../probe/bin/', import.meta.url));

/** What runs the programs of each architecture on a machine with an amd64 processor; nothing for its own. */
const EMULATORS: Readonly<Record<keyof typeof COMPILERS, string | undefined>> = {
  amd64: undefined,
  386: undefined,
  arm64: 'qemu-aarch64-static',
  arm: 'qemu-arm-static',
  ppc64le: 'qemu-ppc64le-static',
  riscv64: 'qemu-riscv64-static',
  s390x: 'qemu-s390x-static',
};
const ARCHITECTURES = Object.keys(COMPILERS) as (keyof typeof COMPILERS)[];
/** Of the compilers whose programs are in the repository. */
const COMPILER_VERSION = '12.2.0';

const servers: Server[] = [];
const ports = { web: 0, six: 0, silent: 0, other: 0, pieces: 0, closing: 0, nobody: 0 };
const requests: string[] = [];
let hasIpv6 = true;

const answer: RequestListener = (request, response) => {
  requests.push(`${request.method ?? ''} ${request.url ?? ''} ${request.headers.host ?? ''}`);
  if (request.url === '/slow') setTimeout(() => response.end('well'), 300);
  else {
    response.writeHead(Number(request.url?.slice(1, 4)) || 200, { location: '/elsewhere' });
    response.end('x'.repeat(100_000));
  }
};

async function listen(server: Server, host = '127.0.0.1'): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, host, resolve);
  });
  return (server.address() as AddressInfo).port;
}

/** A server that does this with every connection. */
function serveRaw(act: (socket: Socket) => void): Server {
  return createServer((socket) => {
    socket.on('error', () => undefined);
    act(socket);
  });
}

beforeAll(async () => {
  ports.web = await listen(createHttpServer(answer));
  ports.silent = await listen(serveRaw((socket) => socket.resume()));
  ports.other = await listen(serveRaw((socket) => socket.end('SSH-2.0-something and more\r\n')));
  ports.closing = await listen(serveRaw((socket) => socket.end('HTTP/1.1')));
  ports.pieces = await listen(
    serveRaw((socket) => {
      for (const [index, char] of 'HTTP/1.0 204 X\r\n\r\n'.split('').entries())
        setTimeout(() => socket.write(char), 5 * index);
    }),
  );
  const unused = serveRaw(() => undefined);
  ports.nobody = await listen(unused);
  unused.close();
  try {
    ports.six = await listen(createHttpServer(answer), '::1');
  } catch {
    hasIpv6 = false;
  }
});
afterAll(() => {
  for (const server of servers) server.close();
});

function probe(program: string, emulator: string | undefined, args: readonly string[]): Promise<Outcome> {
  return emulator === undefined ? run(program, args) : run(emulator, [program, ...args]);
}

/** URL with a server's name for its port, milliseconds, exit code and what is said. */
const CASES: readonly (readonly [string, number, number, string])[] = [
  ['http://:web/200', 5000, 0, 'HTTP/1.1 200'],
  ['http://:web', 5000, 0, 'HTTP/1.1 200'],
  ['http://127.0.0.1:web/302', 5000, 0, 'HTTP/1.1 302'],
  ['http://:web/404', 5000, 1, 'HTTP/1.1 404'],
  ['http://:web/500', 5000, 1, 'HTTP/1.1 500'],
  ['http://:web/slow', 5000, 0, 'HTTP/1.1 200'],
  ['http://:web/slow', 100, 1, 'no answer in time'],
  ['http://:silent/', 100, 1, 'no answer in time'],
  ['http://:other/', 5000, 1, 'the answer is not HTTP'],
  ['http://:closing/', 5000, 1, 'the answer is not HTTP'],
  ['http://:pieces/', 5000, 0, 'HTTP/1.0 204'],
  ['http://:nobody/', 5000, 1, 'no connection: nothing listens there'],
  ['tcp://:web', 5000, 0, 'connected'],
  ['tcp://:silent', 5000, 0, 'connected'],
  ['tcp://:nobody', 5000, 1, 'no connection: nothing listens there'],
];

const IPV6_CASES: typeof CASES = [
  ['http://:six/', 5000, 0, 'HTTP/1.1 200'],
  ['http://[::1]:six/500', 5000, 1, 'HTTP/1.1 500'],
  ['tcp://[::1]:six', 5000, 0, 'connected'],
  ['tcp://[::1]:web', 5000, 1, 'no connection: nothing listens there'],
  ['tcp://127.0.0.1:six', 5000, 1, 'no connection: nothing listens there'],
];

const USAGE: readonly (readonly string[])[] = [
  [],
  ['http://:80/'],
  ['http://:80/', '0'],
  ['http://:80/', '1s'],
  ['http://:0/', '1'],
  ['http://:65536/', '1'],
  ['http://example.org:80/', '1'],
  ['https://:443/', '1'],
  ['tcp://:80/path', '1'],
  ['http://:80x', '1'],
  ['http://:80/', '1', 'more'],
];

for (const architecture of ARCHITECTURES) {
  const emulator = EMULATORS[architecture];
  const unless = process.arch === 'x64' ? undefined : 'no amd64 processor';
  const tools = emulator === undefined ? [] : [emulator];
  describeWith(`the probe for ${architecture}`, { tools, unless }, () => {
    const program = join(PROBES, architecture);

    it.each(CASES)('%s in %d ms ends with %d: %s', async (url, timeout, code, said) => {
      const place = url.replace(/:([a-z]+)(?=\/[^/]|\/?$)/, (_match, name: string) => `:${portOf(name)}`);
      const { code: ended, stdout } = await probe(program, emulator, [place, String(timeout)]);
      expect([ended, stdout]).toEqual([code, `${said}\n`]);
    });

    it('tries IPv4, then IPv6', async ({ skip }) => {
      if (!hasIpv6) skip('no IPv6 here');
      for (const [url, timeout, code, said] of IPV6_CASES) {
        const place = url.replace(/:([a-z]+)(?=\/[^/]|\/?$)/, (_match, name: string) => `:${portOf(name)}`);
        const { code: ended, stdout } = await probe(program, emulator, [place, String(timeout)]);
        expect([url, ended, stdout]).toEqual([url, code, `${said}\n`]);
      }
    });

    it('asks for the path, with the port in the name of the host', async () => {
      await probe(program, emulator, [`http://:${ports.web}/200?a=b`, '5000']);
      expect(requests.at(-1)).toBe(`GET /200?a=b localhost:${ports.web}`);
      await probe(program, emulator, [`http://127.0.0.1:${ports.web}/200`, '5000']);
      expect(requests.at(-1)).toBe(`GET /200 127.0.0.1:${ports.web}`);
    });

    it('refuses what it does not understand, and a path that is too long', async () => {
      for (const args of USAGE) {
        const { code, stdout } = await probe(program, emulator, args);
        expect([args, code, stdout.slice(0, 6)]).toEqual([args, 1, 'usage:']);
      }
      const { code } = await probe(program, emulator, [`http://:${ports.web}/${'x'.repeat(5000)}`, '5000']);
      expect(code).toBe(1);
    });
  });
}

function portOf(name: string): number {
  return ports[name as keyof typeof ports];
}

describe('what is in the repository', () => {
  it.each(ARCHITECTURES)('for %s is small, static, and needs nothing', (architecture) => {
    const bytes = readFileSync(join(PROBES, architecture));
    expect(bytes.length).toBeLessThan(4096);
    expect(bytes.subarray(0, 4).toString('latin1')).toBe('\x7fELF');
    expect(bytes.includes('/ld')).toBe(false);
  });

  for (const architecture of ARCHITECTURES) {
    const [compiler] = COMPILERS[architecture];
    describeWith(`built by ${compiler} for ${architecture}`, { tools: [compiler] }, () => {
      it('is what the source gives, to the byte if the compiler is the same', async () => {
        const folder = mkdtempSync(join(tmpdir(), 'pith-probe-'));
        try {
          const built = readFileSync(buildProbe(architecture, folder));
          const version = (await run(compiler, ['-dumpfullversion'])).stdout.trim();
          const isSame = built.equals(readFileSync(join(PROBES, architecture)));
          expect([version, isSame]).toEqual([version, version === COMPILER_VERSION || isSame]);
        } finally {
          rmSync(folder, { recursive: true });
        }
      });
    });
  }
});
