import type { Rule } from '../model.ts';
import { showText } from '../show.ts';

const FIELD = 'config.User';

export const USER_RULES: readonly Rule[] = [
  {
    id: 'root-user',
    severity: 'error',
    title: 'The application runs as root',
    why: 'Whoever takes over the application is root in the container, and one fault of the kernel or the engine away from root on the host. Kubernetes with `runAsNonRoot` does not start it. An image that starts nothing, or only a runtime without a program, is there to be built on: it may leave the user to the image above.',
    mend: 'Set a user with a number, such as `user: "65532"` (`USER 65532` in a Dockerfile), and give it the files that it writes.',
    *find({ user, isBase }) {
      if (user.uid !== 0 || isBase) return;
      const message =
        user.user === ''
          ? 'no user is set, which means root'
          : `the user is ${showText(user.text)}, which is root`;
      yield { message, field: FIELD };
    },
  },
  {
    id: 'user-without-number',
    severity: 'warning',
    title: 'The user is a name',
    why: 'Kubernetes cannot see from a name that it is not root: with `runAsNonRoot: true` it refuses to start the container.',
    mend: 'Write the number of the user, and of its group if it has one: `65532` or `65532:65532`.',
    *find({ user }) {
      if (user.user === '' || user.user === 'root' || /^\d+$/.test(user.user) || user.uid === undefined)
        return;
      yield { message: `the user is ${showText(user.text)}, not its number ${user.uid}`, field: FIELD };
    },
  },
  {
    id: 'unknown-user',
    severity: 'error',
    title: 'The user does not exist',
    why: 'Engines look names up in /etc/passwd and /etc/group of the image, and do not start a container whose user is not there.',
    mend: 'Write a number, or add the user (`users` and `groups` in a definition).',
    *find({ user }) {
      for (const { kind, name } of user.unknown)
        yield {
          message: `the ${kind} ${showText(name)} is not in /etc/${kind === 'user' ? 'passwd' : 'group'}`,
          field: FIELD,
        };
    },
  },
];
