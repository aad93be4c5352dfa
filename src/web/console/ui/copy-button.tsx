import { useState } from 'react';
import { useWords } from '../i18n/words.ts';
import { Button } from './button.tsx';

/** Puts a text where it can be pasted from; where the browser does not let it, the text stands beside it to be selected. */
export function CopyButton({ text }: { text: string }) {
  const words = useWords().invitation;
  const [copied, setCopied] = useState(false);
  return (
    <Button
      onPress={() => {
        void navigator.clipboard.writeText(text).then(
          () => {
            setCopied(true);
          },
          () => {
            setCopied(false);
          },
        );
      }}
    >
      {copied ? words.copied : words.copy}
    </Button>
  );
}
