import { useState } from 'preact/hooks';
import { shortDigest } from '../format.ts';

/** A digest, short; a click copies all of it. */
export function DigestText({ digest }: { readonly digest: string }) {
  const [isCopied, setCopied] = useState(false);
  if (digest === '') return <span class="muted">none</span>;
  return (
    <button
      type="button"
      class="digest"
      title={`Copy ${digest}`}
      onClick={() => {
        copy(digest).then(
          () => {
            setCopied(true);
          },
          () => {
            setCopied(false);
          },
        );
      }}
      onBlur={() => {
        setCopied(false);
      }}
    >
      <code class="on-screen">{shortDigest(digest)}</code>
      <code class="on-paper">{digest}</code>
      <span role="status">{isCopied ? ' copied' : ''}</span>
    </button>
  );
}

/** Browsers that give files of the disk no clipboard refuse. */
async function copy(text: string): Promise<void> {
  if ('clipboard' in navigator) await navigator.clipboard.writeText(text);
  else throw new Error('no clipboard');
}
