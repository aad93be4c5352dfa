import { messageWords } from '../../../../shared/i18n/message-words.ts';
import {
  type MemberMessage,
  messageTemplates,
  messageTextMax,
  messageTextSchema,
} from '../../../../shared/model/message.schema.ts';
import { languages, useWords } from '../../i18n/words.ts';
import { Choice } from '../../ui/choice.tsx';
import { TextField } from '../../ui/text-field.tsx';

export interface Message {
  readonly template: MemberMessage['template'];
  readonly text: string;
}

/** It says something, and nothing but text. */
export function isSendable({ template, text }: Message): boolean {
  return messageTextSchema.safeParse(text).success && (template !== 'free' || text.trim() !== '');
}

/** What is written to a member: words that there are in both languages, one's own, or both. */
export function MessageFields({
  message,
  onChange,
}: {
  message: Message;
  onChange: (message: Message) => void;
}) {
  const words = useWords().acts;
  return (
    <>
      <Choice
        label={words.template}
        value={message.template}
        options={messageTemplates.map((id) => ({ id, text: words.templates[id] }))}
        onChange={(template) => {
          onChange({ ...message, template });
        }}
      />
      <TextField
        label={message.template === 'free' ? words.ownWords : words.ownWordsToo}
        hint={words.ownWordsHint}
        rows={4}
        maxLength={messageTextMax}
        value={message.text}
        onChange={(text) => {
          onChange({ ...message, text });
        }}
      />
      <MessageAsRead message={message} />
    </>
  );
}

/** As the member reads it, in either language. */
export function MessageAsRead({ message: { template, text } }: { message: Message }) {
  const words = useWords().acts;
  const own = text.trim();
  if (template === 'free' && own === '') return null;
  return (
    <section aria-label={words.asRead} className="flex flex-col gap-2 rounded-field bg-sunk p-4">
      <h3 className="text-small font-semibold">{words.asRead}</h3>
      {template !== 'free' &&
        languages.map((one) => (
          <p key={one} lang={one === 'zh' ? 'zh-CN' : 'en'} className="text-label">
            {messageWords[one][template]}
          </p>
        ))}
      {own !== '' && <p className="text-label break-words whitespace-pre-line">{own}</p>}
      {template !== 'free' && <p className="text-fine text-soft">{words.asReadOne}</p>}
    </section>
  );
}
