import { useSyncExternalStore } from 'react';
import { useClient } from '../base/context.ts';
import { useSpeech } from '../i18n/words.ts';

/** Whom to ask: a touch calls them, or writes to them. Where nobody has said, the number stands on the cabinet's door. */
export function Service() {
  const { words } = useSpeech();
  const client = useClient();
  const contact = useSyncExternalStore(client.subscribe, client.contact, client.contact);
  if (contact === null) return <p className="text-soft">{words.service.door}</p>;
  const href = contact.includes('@') ? `mailto:${contact}` : `tel:${contact.replace(/[^+\d]/g, '')}`;
  return (
    <p className="flex flex-wrap items-center gap-x-2 text-soft">
      {words.service.ask}
      <a
        href={href}
        data-testid="service-contact"
        className={
          'tabular inline-flex min-h-12 min-w-12 items-center ' +
          'font-semibold text-jade-ink underline underline-offset-4'
        }
      >
        {contact}
      </a>
    </p>
  );
}
