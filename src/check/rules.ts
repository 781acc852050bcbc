import type { Rule } from './model.ts';
import { ACCOUNT_RULES } from './rules/accounts.ts';
import { CERTIFICATE_RULES } from './rules/certificates.ts';
import { COMMAND_RULES } from './rules/command.ts';
import { CONFIG_RULES } from './rules/config.ts';
import { LAYER_RULES } from './rules/layers.ts';
import { MODE_RULES } from './rules/modes.ts';
import { PACKAGE_RULES } from './rules/packages.ts';
import { PROGRAM_RULES } from './rules/programs.ts';
import { SECRET_RULES } from './rules/secrets.ts';
import { SHELL_FORM_RULES } from './rules/shell-form.ts';
import { TIME_RULES } from './rules/times.ts';
import { TOOL_RULES } from './rules/tools.ts';
import { USER_RULES } from './rules/user.ts';

/** All that pith has to say of images, in the order of docs/checks.md. */
export const RULES: readonly Rule[] = [
  ...USER_RULES,
  ...COMMAND_RULES,
  ...SHELL_FORM_RULES,
  ...TOOL_RULES,
  ...PROGRAM_RULES,
  ...SECRET_RULES,
  ...MODE_RULES,
  ...ACCOUNT_RULES,
  ...PACKAGE_RULES,
  ...CERTIFICATE_RULES,
  ...LAYER_RULES,
  ...TIME_RULES,
  ...CONFIG_RULES,
];
