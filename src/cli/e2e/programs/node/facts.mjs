// Serves by HTTP and asks itself; says what the runtime knows of itself and of the image.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, writeFileSync } from 'node:fs';
import { lookup } from 'node:dns/promises';
import { createServer } from 'node:http';
import { homedir, userInfo } from 'node:os';
import { brotliDecompressSync, brotliCompressSync } from 'node:zlib';
import { Worker } from 'node:worker_threads';

const server = createServer((request, response) => response.end(`you asked for ${request.url}`));
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const answer = await fetch(`http://localhost:${server.address().port}/this`);
const text = await answer.text();
server.close();

const worker = new Worker('require("node:worker_threads").parentPort.postMessage(6 * 7)', { eval: true });
const worked = await new Promise((resolve) => worker.once('message', resolve));
const child = spawnSync(process.execPath, ['-p', '6 * 7'], { encoding: 'utf8' }).stdout.trim();
let write = 'possible';
try {
  writeFileSync('/file', '');
} catch (error) {
  write = error.code;
}
console.log(
  JSON.stringify({
    major: Number(process.versions.node.split('.')[0]),
    arch: process.arch,
    libc: Boolean(process.report.getReport().header.glibcVersionRuntime),
    answer: text,
    worked,
    child,
    write,
    user: [userInfo().uid, userInfo().username, homedir()],
    files: readdirSync('/nodejs', { recursive: true }).sort(),
    time: new Date(1700000000000).toLocaleString('de-DE', { timeZoneName: 'short' }),
    localhost: (await lookup('localhost', 4)).address,
    hash: createHash('sha3-256').update('x').digest('hex').slice(0, 4),
    brotli: brotliDecompressSync(brotliCompressSync('text')).toString(),
    executable: process.execPath,
  }),
);
