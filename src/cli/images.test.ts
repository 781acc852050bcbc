import { Command } from 'commander';
import { expect, it } from 'vitest';
import { IMAGE_COMMANDS } from './image-commands.ts';
import { copyCommands, registryCommands } from './registry-commands.ts';

it('the commands with a start of their own are those that are registered together', () => {
  const program = new Command();
  copyCommands(program);
  registryCommands(program);
  const names = program.commands.flatMap((command) => [command.name(), ...command.aliases()]);
  expect([...IMAGE_COMMANDS].sort()).toEqual(names.sort());
});
