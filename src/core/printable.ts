/**
 * Text from outside without what would act on a terminal or change the order in which it is read: control characters
 * (Unicode category Cc) but for line ends and tabs, and bidirectional controls.
 */
export function printable(text: string): string {
  return text.replace(/(?![\n\t])[\p{Cc}\p{Bidi_Control}]/gu, '');
}
