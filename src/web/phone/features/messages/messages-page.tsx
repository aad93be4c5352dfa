import { useEffect } from 'react';
import { messageWords } from '../../../../shared/i18n/message-words.ts';
import type { PhoneReply } from '../../../../shared/phone/routes.ts';
import { Link } from '../../base/address.tsx';
import { useClient } from '../../base/context.ts';
import { useAsked } from '../../base/use-asked.ts';
import { useSpeech } from '../../i18n/words.ts';
import { lookOf } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Page } from '../../ui/page.tsx';
import { Service } from '../../ui/service.tsx';
import { WhenHere } from '../../ui/waiting.tsx';

export type Message = PhoneReply<'messages'>['messages'][number];

/** What people of the operator have written to me. What stands here has been read. */
export function MessagesPage() {
  const { words } = useSpeech();
  const client = useClient();
  const asked = useAsked(() => client.ask('messages', undefined));
  const { value } = asked;
  useEffect(() => {
    const unread = (value?.messages ?? []).filter(({ isRead }) => !isRead).map(({ messageId }) => messageId);
    if (unread.length === 0) return;
    // Not heard: they are new once more the next time.
    void client.ask('readMessages', { messageIds: unread }).then(async (answer) => {
      if (answer.ok) await client.look();
    });
  }, [value, client]);
  return (
    <Page title={words.messages.title} lead={words.messages.lead} back={{ at: 'home' }} screen="messages">
      <WhenHere asked={asked}>
        {({ messages }) =>
          messages.length === 0 ? (
            <p data-testid="no-messages">{words.messages.none}</p>
          ) : (
            <ul className="space-y-3">
              {messages.map((message) => (
                <li key={message.messageId}>
                  <MessageCard message={message} />
                </li>
              ))}
            </ul>
          )
        }
      </WhenHere>
      <Service />
    </Page>
  );
}

/** The template's words in the member's language, below them what somebody has written by hand, as it was written. */
export function MessageCard({ message: { template, text, chargeId, atMs, isRead } }: { message: Message }) {
  const { words, time, language } = useSpeech();
  return (
    <Card as="article">
      <div data-testid="message" className="space-y-2">
        <p className="tabular text-small text-soft">
          {!isRead && <span className="font-semibold text-jade-ink">{words.messages.isNew} · </span>}
          {time(atMs)}
        </p>
        {template !== 'free' && <p className="font-semibold">{messageWords[language][template]}</p>}
        {text !== '' && <p className="break-words whitespace-pre-line">{text}</p>}
        {chargeId !== null && (
          <Link to={{ at: 'purchase', chargeId }} className={lookOf('plain', true)} testId="message-purchase">
            {words.messages.purchase}
          </Link>
        )}
      </div>
    </Card>
  );
}
