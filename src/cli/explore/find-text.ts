import { type Fact, type FileReader, type ImageContents, readImage } from '../../inspect/index.ts';
import { isText } from './viewer.ts';

const NOTHING = { write: () => undefined };
/** Any fact will do: that there is one says that the file is text. */
const FACT: readonly Fact[] = [{ kind: 'script', interpreter: '' }];
const TEXT_READER: FileReader = {
  open: (file, head) => (file.size > 0 && isText(head) ? { ...NOTHING, finish: () => FACT } : undefined),
};

/** The numbers of the entries whose content begins as text does, by layer: reads all layers once more. */
export async function findTexts({ image }: ImageContents, signal: AbortSignal): Promise<number[][]> {
  const { layers } = await readImage(image, { readers: [TEXT_READER], version: 0, signal });
  return layers.map(({ facts }) => [...facts.keys()]);
}
