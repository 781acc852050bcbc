import type { Command } from 'commander';
import type { BlobFlags, CopyFlags, LoginFlags, LogoutFlags, PlatformFlags, RegistryFlags } from './flags.ts';
import { commaList, common, type Examples, registryFlags } from './options.ts';

/** The commands that move images between locations. */
export function copyCommands(program: Command): void {
  const add = adder(program);
  copyFlags(add('copy', COPY_EXAMPLES))
    .alias('cp')
    .description('copy an image, byte for byte, from one location to another')
    .argument('<SOURCE>', 'a location; without a kind a name in a registry')
    .argument('<DESTINATION>', 'likewise; a folder of a registry, REGISTRY/FOLDER/, takes several images')
    .action(async (from: string, to: string, options: CopyFlags) =>
      (await import('./commands/copy.ts')).copy(from, to, options),
    );
  copyFlags(add('push', PUSH_EXAMPLES))
    .description('copy an image of this machine into a registry')
    .argument('<IMAGE>', 'an image of ./images, a layout or archive of images, or a location')
    .argument('[NAME]', 'its name in the registry (default: the same)')
    .action(async (image: string, name: string | undefined, options: CopyFlags) =>
      (await import('./commands/copy.ts')).push(image, name, options),
    );
  copyFlags(add('pull', PULL_EXAMPLES))
    .description('copy an image of a registry onto this machine')
    .argument('<NAME>', 'its name in the registry')
    .argument(
      '[DESTINATION]',
      'a location, a folder (an OCI layout), or a file that ends with .tar (for docker load) (default: oci:./images)',
    )
    .action(async (name: string, to: string | undefined, options: CopyFlags) =>
      (await import('./commands/copy.ts')).pull(name, to, options),
    );
}

/** The commands that look into registries. */
export function registryCommands(program: Command): void {
  const add = adder(program);
  add('tags', [
    ['pith tags registry.example/team/app', ''],
    ['pith tags registry.example/team/', 'every image below it, if the registry lists its repositories'],
    ['pith tags oci:images', 'the names in a layout'],
  ])
    .description('list the tags of a repository')
    .argument('<REPOSITORY>', 'a name in a registry, or a location')
    .action(async (name: string, options: RegistryFlags) =>
      (await import('./commands/registry.ts')).tags(name, options),
    );
  platformFlag(add('digest', [['pith digest registry.example/team/app:1', 'to pin it: NAME@DIGEST']]))
    .description('print the digest that a name stands for')
    .argument('<IMAGE>', 'a name in a registry, or a location')
    .action(async (name: string, options: PlatformFlags) =>
      (await import('./commands/registry.ts')).digest(name, options),
    );
  platformFlag(add('manifest', [['pith manifest registry.example/team/app:1 | jq .layers', '']]))
    .description('print a manifest or index, byte for byte')
    .argument('<IMAGE>', 'a name in a registry, or a location')
    .action(async (name: string, options: PlatformFlags) =>
      (await import('./commands/registry.ts')).manifest(name, options),
    );
  add('blob', [
    ['pith blob registry.example/team/app@sha256:… | tar -tz', 'the files of a layer'],
    ['pith blob oci:images:app sha256:… -o config.json', ''],
  ])
    .description('print a blob; it was sound if the exit code is 0')
    .argument('<IMAGE>', 'a name in a registry with the digest, or a location')
    .argument('[DIGEST]', 'of the blob')
    .option('-o, --output <FILE>', 'write it there, if it is sound')
    .action(async (name: string, digest: string | undefined, options: BlobFlags) =>
      (await import('./commands/registry.ts')).blob(name, digest, options),
    );
  add('delete', [
    ['pith delete registry.example/team/app:old', 'the tag'],
    ['pith delete registry.example/team/app@sha256:…', 'the manifest and all its tags'],
  ])
    .description('remove tags or manifests from a registry')
    .argument('<NAME...>', 'REGISTRY/REPOSITORY:TAG or REGISTRY/REPOSITORY@DIGEST')
    .action(async (names: string[], options: RegistryFlags) =>
      (await import('./commands/registry.ts')).remove(names, options),
    );

  add('login', LOGIN_EXAMPLES)
    .description('log in to a registry; podman, skopeo and Docker find the credentials, too')
    .argument('[REGISTRY]', 'HOST[:PORT], or a part of its repositories, HOST/FOLDER (default: docker.io)')
    .option('-u, --username <NAME>', 'the user (<token> for an identity token)')
    .option('-p, --password <PASSWORD>', 'the password; others can see it, --password-stdin is better')
    .option('--password-stdin', 'read the password from standard input')
    .option('--docker', "keep it in Docker's config.json")
    .option('--list', 'list what is known')
    .action(async (registry: string | undefined, options: LoginFlags) =>
      (await import('./commands/login.ts')).login(registry, options),
    );
  add('logout', [['pith logout registry.example', '']])
    .description('forget the credentials for a registry')
    .argument('[REGISTRY]', 'as for login (default: docker.io)')
    .option('--docker', 'also what Docker keeps in its config.json')
    .option('--all', 'for every registry')
    .action(async (registry: string | undefined, options: LogoutFlags) =>
      (await import('./commands/login.ts')).logout(registry, options),
    );
}

function adder(program: Command): (name: string, list: Examples) => Command {
  return (name, list) => registryFlags(common(program.command(name), list));
}

function copyFlags(command: Command): Command {
  return command
    .option(
      '--platform <LIST>',
      'only these platforms, such as linux/amd64,linux/arm64 (default: all)',
      commaList,
    )
    .option('--referrers', 'also what refers to it: signatures, attestations, bills of materials')
    .option('--all', 'every image of the source, under its own name');
}

function platformFlag(command: Command): Command {
  return command.option('--platform <PLATFORM>', 'of the image for this platform in an index');
}

const COPY_EXAMPLES: Examples = [
  ['pith copy oci:images:app docker://registry.example/team/app:1', ''],
  ['pith copy staging.example/app:1 registry.example/app:1 --referrers', 'with its signatures'],
  ['pith copy --all oci:images docker://registry.example/distroless/', 'a repository for each image'],
  ['pith copy registry.example/app:1 docker-daemon:app:1 --platform linux/amd64', 'into Docker'],
];
const PUSH_EXAMPLES: Examples = [
  ['pith push static-debian13:nonroot registry.example/team/static:nonroot', 'an image of ./images'],
  ['pith push app.tar registry.example/team/app:1', 'of `docker save` or `podman save`'],
  ['pith push registry.example/team/app:latest', 'an image of ./images that has the name already'],
];
const PULL_EXAMPLES: Examples = [
  ['pith pull registry.example/team/app:1', 'into ./images'],
  ['pith pull registry.example/team/app:1 app.tar --platform linux/amd64', 'for `docker load`'],
];
const LOGIN_EXAMPLES: Examples = [
  ['pith login registry.example', 'asks for user and password'],
  ['pith login registry.example -u ci --password-stdin < token.txt', 'in scripts'],
  ['pith login --list', ''],
];
