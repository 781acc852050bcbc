import type { Tool } from '../host.ts';
import { adduser, gpasswd, groupadd, useradd, usermod } from './accounts.ts';
import { cp, install, ln, mkdir, mv, rm, rmdir, touch } from './files.ts';
import * as distribution from './dpkg.ts';
import * as look from './look.ts';
import { chmod, chown, dpkgStatoverride } from './ownership.ts';
import { updateAlternatives } from './update-alternatives.ts';

/** Programs that change files, accounts or alternatives. */
const CHANGERS: ReadonlyMap<string, Tool> = new Map([
  ['addgroup', adduser],
  ['adduser', adduser],
  ['chgrp', chown],
  ['chmod', chmod],
  ['chown', chown],
  ['cp', cp],
  ['dpkg-divert', distribution.dpkgDivert],
  ['dpkg-statoverride', dpkgStatoverride],
  ['dpkg-trigger', distribution.dpkgTrigger],
  ['gpasswd', gpasswd],
  ['groupadd', groupadd],
  ['install', install],
  ['ln', ln],
  ['mkdir', mkdir],
  ['mv', mv],
  ['rm', rm],
  ['rmdir', rmdir],
  ['touch', touch],
  ['update-alternatives', updateAlternatives],
  ['useradd', useradd],
  ['usermod', usermod],
]);

/** Programs that answer questions. */
const LOOKERS: ReadonlyMap<string, Tool> = new Map([
  ['basename', look.basename],
  ['cat', look.cat],
  ['cut', look.cut],
  ['dirname', look.dirname],
  ['dpkg', distribution.dpkg],
  ['dpkg-architecture', distribution.dpkgArchitecture],
  ['dpkg-maintscript-helper', distribution.dpkgMaintscriptHelper],
  ['dpkg-query', distribution.dpkgQuery],
  ['expr', look.expr],
  ['find', look.find],
  ['getent', look.getent],
  ['grep', look.grep],
  ['head', look.headOrTail],
  ['id', look.id],
  ['ls', look.ls],
  ['readlink', look.readlink],
  ['realpath', look.readlink],
  ['stat', look.stat],
  ['tail', look.headOrTail],
  ['uname', distribution.uname],
]);

/** A program that can be followed; undefined for all others. */
export function findTool(name: string): { readonly run: Tool; readonly isChanger: boolean } | undefined {
  const changer = CHANGERS.get(name);
  if (changer) return { run: changer, isChanger: true };
  const looker = LOOKERS.get(name);
  return looker && { run: looker, isChanger: false };
}
