import type { Image } from '../../oci/index.ts';

/** What made each layer, by the history of the image; empty where it does not say. */
export function layerCommands({ config, layers }: Image): string[] {
  const made = (config.history ?? []).filter((entry) => entry.empty_layer !== true);
  if (made.length !== layers.length) return layers.map(() => '');
  return made.map(({ created_by: command = '', comment = '' }) =>
    shortCommand(command === '' ? comment : command),
  );
}

/** Without what builders put around each command. */
function shortCommand(command: string): string {
  return command
    .replace(/^pith: /, '')
    .replace(/^\/bin\/sh -c #\(nop\)\s*/, '')
    .replace(/^\/bin\/sh -c /, 'RUN ')
    .replace(/^RUN \/bin\/sh -c /, 'RUN ')
    .replace(/\s*# buildkit$/, '')
    .replace(/\s+/g, ' ')
    .trim();
}
