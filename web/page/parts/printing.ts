import { createContext } from 'preact';
import { useContext } from 'preact/hooks';

/** Whether the page is being printed: then long lists show their first rows without a scroll bar, and all parts are there. */
export const Printing = createContext(false);

export function usePrinting(): boolean {
  return useContext(Printing);
}
