/** The commands that look into images: those of inspection-commands.ts. */
export const INSPECTION_COMMANDS: ReadonlySet<string> = new Set(['inspect', 'diff', 'compare']);

/** The commands that move images and look into registries, with their aliases: those of registry-commands.ts. */
export const IMAGE_COMMANDS: ReadonlySet<string> = new Set([
  'copy',
  'cp',
  'push',
  'pull',
  'tags',
  'digest',
  'manifest',
  'blob',
  'delete',
  'login',
  'logout',
]);
