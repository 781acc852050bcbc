import { PithError, type Digest } from '../../core/index.ts';
import { MAX_DOCUMENT_SIZE, type Descriptor } from '../../oci/index.ts';
import { verified } from '../blobs.ts';
import { invalid } from '../read-document.ts';
import { readOutput } from './command.ts';
import type { HeldBlobs } from './held-part.ts';
import type { CommandOf } from './loaders.ts';

/** 72 bytes a blob: more blobs than any machine has. */
const MAX_LIST_SIZE = 256 << 20;

/** Reads containerd's content store, each blob by a command of its own. */
export class ContentStore {
  readonly #name: string;
  readonly #read: (args: readonly string[]) => AsyncIterable<Uint8Array>;

  /**
   * @param name what it is called in errors
   * @param commandOf makes a command of `ctr` from its arguments
   */
  constructor(name: string, commandOf: CommandOf, signal?: AbortSignal) {
    this.#name = name;
    this.#read = (args) => readOutput(commandOf(['content', ...args]), signal);
  }

  /** The descriptor of a manifest, whose size is not known. @throws IMAGE_INVALID, ENGINE_FAILED, INTERRUPTED */
  async describe(mediaType: string, digest: Digest): Promise<Descriptor> {
    const { length } = await this.#collect(['get', digest], MAX_DOCUMENT_SIZE);
    return { mediaType, digest, size: length };
  }

  /** What is there now. @throws ENGINE_FAILED, INTERRUPTED */
  async blobs(): Promise<HeldBlobs> {
    const held = new Set((await this.#collect(['ls', '--quiet'], MAX_LIST_SIZE)).toString().split('\n'));
    return {
      name: this.#name,
      has: (digest) => held.has(digest),
      find: ({ digest, size }, what) => {
        if (!held.has(digest)) return Promise.reject(this.#missing(what, digest));
        const open = (): AsyncIterable<Uint8Array> =>
          verified({ digest, size, open: () => this.#read(['get', digest]) });
        return Promise.resolve({ digest, size, isVerified: true, open });
      },
    };
  }

  async #collect(args: readonly string[], limit: number): Promise<Buffer> {
    const pieces: Uint8Array[] = [];
    let size = 0;
    for await (const piece of this.#read(args)) {
      size += piece.length;
      if (size > limit)
        throw invalid(`${this.#name}: \`ctr content ${args.join(' ')}\` gives more than ${limit} bytes`);
      pieces.push(piece);
    }
    return Buffer.concat(pieces);
  }

  #missing(what: string, digest: Digest): PithError {
    return new PithError('IMAGE_INVALID', `${this.#name}: ${what} is missing (${digest})`, {
      hint: 'containerd may be set up to discard layers once they are unpacked; read the image from where it came from.',
    });
  }
}
