import { Command } from 'commander';
import { expect, it } from 'vitest';
import { IMAGE_COMMANDS, INSPECTION_COMMANDS } from './image-commands.ts';
import { inspectionCommands, plainArguments } from './inspection-commands.ts';
import { copyCommands, registryCommands } from './registry-commands.ts';

it('the commands with a start of their own are those that are registered together', () => {
  const program = new Command();
  copyCommands(program);
  registryCommands(program);
  const names = program.commands.flatMap((command) => [command.name(), ...command.aliases()]);
  expect([...IMAGE_COMMANDS].sort()).toEqual(names.sort());
});

it('those that look into images, likewise', () => {
  const program = new Command();
  inspectionCommands(program);
  expect([...INSPECTION_COMMANDS].sort()).toEqual(program.commands.map((command) => command.name()).sort());
});

it('--json takes no image for its form', () => {
  expect(plainArguments(['inspect', '--json', 'app.tar'])).toEqual(['inspect', '--json', 'app.tar']);
  expect(plainArguments(['inspect', '--json=dive', 'app.tar'])).toEqual([
    'inspect',
    '--json',
    '--dive',
    'app.tar',
  ]);
});
