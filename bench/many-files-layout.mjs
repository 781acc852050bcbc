import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const BLOCK = 512;
const FILES_A_FOLDER = 500;

/**
 * An OCI layout with an image of one layer of many small files.
 * @param {string} layout
 * @param {number} count
 */
export function makeManyFilesLayout(layout, count) {
  rmSync(layout, { recursive: true, force: true });
  mkdirSync(join(layout, 'blobs', 'sha256'), { recursive: true });
  const tarDigest = createHash('sha256');
  // gzip members follow each other as well as one large one would.
  const members = [...pieces(count)].map((piece) => {
    tarDigest.update(piece);
    return gzipSync(piece, { level: 1 });
  });
  const add = (/** @type {Buffer} */ bytes) => {
    const hex = createHash('sha256').update(bytes).digest('hex');
    writeFileSync(join(layout, 'blobs', 'sha256', hex), bytes);
    return { digest: `sha256:${hex}`, size: bytes.length };
  };
  const addJson = (/** @type {object} */ value) => add(Buffer.from(JSON.stringify(value)));
  const layer = add(Buffer.concat(members));
  const config = addJson({
    architecture: 'amd64',
    os: 'linux',
    rootfs: { type: 'layers', diff_ids: [`sha256:${tarDigest.digest('hex')}`] },
  });
  const kind = 'application/vnd.oci.image';
  const manifest = addJson({
    schemaVersion: 2,
    mediaType: `${kind}.manifest.v1+json`,
    config: { mediaType: `${kind}.config.v1+json`, ...config },
    layers: [{ mediaType: `${kind}.layer.v1.tar+gzip`, ...layer }],
  });
  const manifests = [{ mediaType: `${kind}.manifest.v1+json`, ...manifest }];
  writeFileSync(join(layout, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }));
  writeFileSync(join(layout, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
}

/** The tar archive, a folder at a time. @param {number} count @returns {Generator<Buffer>} */
function* pieces(count) {
  for (let made = 0; made < count;) {
    const folder = `opt/application/node_modules/package-${made / FILES_A_FOLDER}/lib/`;
    const blocks = [header(folder, 0, '5')];
    for (let file = 0; file < FILES_A_FOLDER && made < count; file++, made++) {
      const content = Buffer.from(`module.exports = ${made % Math.floor(count * 0.8)};\n`);
      blocks.push(header(`${folder}module-file-${file}.js`, content.length, '0'), padded(content));
    }
    yield Buffer.concat(blocks);
  }
  yield Buffer.alloc(2 * BLOCK);
}

/** @param {Buffer} content of at most a block */
function padded(content) {
  return Buffer.concat([content, Buffer.alloc(BLOCK - content.length)]);
}

/** A header of ustar (POSIX.1-2017, pax). @param {string} path @param {number} size @param {string} type */
function header(path, size, type) {
  const block = Buffer.alloc(BLOCK);
  const fields = /** @type {const} */ ([
    [0, path],
    [100, type === '5' ? '0000755' : '0000644'],
    [108, '0000000'],
    [116, '0000000'],
    [124, size.toString(8).padStart(11, '0')],
    [136, '14000000000'],
    [148, '        '],
    [156, type],
    [257, 'ustar\u000000'],
  ]);
  for (const [at, text] of fields) block.write(text, at);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}
