/** The values of the image configuration (OCI image-spec, config.md) that definitions set: those that a Dockerfile sets, too. */
export type { ImageSettings as ConfigSpec } from '../app/index.ts';
