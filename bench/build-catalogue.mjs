// Builds the variant `latest` of all images of the catalogue in a folder, writes none, and prints their sizes.
//   node bench/build-catalogue.mjs FOLDER PLATFORM
import { build, openWorkspace } from '../dist/index.js';

const [packageFolder = '', platform = ''] = process.argv.slice(2);
const workspace = openWorkspace({ env: process.env, packageFolder });
const names = (await workspace.catalogue.images())
  .filter(({ platforms }) => platforms.includes(platform))
  .map(({ name }) => `${name}:latest`);
const { images } = await build({ targets: names, platforms: [platform], outputs: [] }, workspace);
process.stdout.write(JSON.stringify(images.map(({ name, size, unpacked }) => ({ name, size, unpacked }))));
