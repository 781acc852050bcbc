import { type FileReader, ImageView, readImage } from '../inspect/index.ts';
import { type LayerFiles, makeImage, makeLayer, type TestImage } from './layered-image.ts';

/** A look into an image of layers that are made of these files, the lowest first. */
export async function viewOf(
  layers: readonly LayerFiles[],
  { readers = [], ...image }: TestImage & { readonly readers?: readonly FileReader[] } = {},
): Promise<ImageView> {
  const made = makeImage(
    layers.map((files) => makeLayer(files)),
    image,
  );
  return new ImageView(await readImage(made, { readers, version: 0 }));
}
