import type { ComponentChildren } from 'preact';

interface SideProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** What is known of the chosen row: beside the list, on a small screen below it. */
export function Side({ title, onClose, children }: SideProps) {
  return (
    <aside class="side" aria-label={`About ${title}`}>
      <div class="title-line">
        <h2 class="path">{title}</h2>
        <button type="button" class="close" aria-label="Close" onClick={onClose}>
          ×
        </button>
      </div>
      {children}
    </aside>
  );
}
