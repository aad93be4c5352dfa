import { useEffect } from 'react';

/** Keys, and two of them one after the other ("g q"), with what they do. */
export type Shortcuts = Readonly<Record<string, () => void>>;

/** The second key of two has to come within this. */
const pairMaxMs = 1_500;

/** They do nothing where somebody types, in a dialog, and together with Ctrl, Alt or ⌘. */
export function useShortcuts(shortcuts: Shortcuts): void {
  useEffect(() => {
    let first = { key: '', atMs: 0 };
    const press = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
      if (isTyping(event.target) || document.querySelector('[role="dialog"]') !== null) return;
      const { key } = event;
      const isSecond = event.timeStamp - first.atMs < pairMaxMs;
      const run = (isSecond ? shortcuts[`${first.key} ${key}`] : undefined) ?? shortcuts[key];
      first = { key, atMs: event.timeStamp };
      if (run === undefined) return;
      event.preventDefault();
      run();
    };
    window.addEventListener('keydown', press);
    return () => {
      window.removeEventListener('keydown', press);
    };
  }, [shortcuts]);
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable]') !== null
  );
}

/** To the row below or above in the list of the page; into the list, where nobody is in it yet. */
export function moveInList(key: 'ArrowDown' | 'ArrowUp'): void {
  const list = document.querySelector<HTMLElement>('main [role="grid"]');
  if (list === null) return;
  const { activeElement } = document;
  if (activeElement === null || !list.contains(activeElement)) list.focus();
  else activeElement.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
}
