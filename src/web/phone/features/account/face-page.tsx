import { useState } from 'react';
import type { PhoneReply } from '../../../../shared/phone/routes.ts';
import { useClient } from '../../base/context.ts';
import type { FailureKind } from '../../base/failure.ts';
import { useAsked } from '../../base/use-asked.ts';
import { fill, useSpeech } from '../../i18n/words.ts';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Note } from '../../ui/note.tsx';
import { Page } from '../../ui/page.tsx';
import { Failed, WhenHere } from '../../ui/waiting.tsx';

type Face = PhoneReply<'faces'>['faces'][number];
const leavingPollMs = 5_000;

/** Where my face is kept, and how it ends. */
export function FacePage() {
  const { words } = useSpeech();
  const client = useClient();
  const asked = useAsked(() => client.ask('faces', undefined), leavingPollMs);
  const [isDeleted, setDeleted] = useState(false);
  return (
    <Page title={words.face.title} lead={words.face.lead} back={{ at: 'home' }} screen="face">
      <div role="status">
        {isDeleted && <Note tone="jade" title={words.face.deleted} testId="face-deleted" />}
      </div>
      <WhenHere asked={asked}>
        {({ faces }) =>
          faces.length === 0 ? (
            <div data-testid="no-face" className="space-y-1">
              <p>{words.face.none}</p>
              <p className="text-soft">{words.face.none2}</p>
            </div>
          ) : (
            <Faces
              faces={faces}
              onDeleted={(next) => {
                asked.put({ faces: [...next] });
                setDeleted(true);
              }}
            />
          )
        }
      </WhenHere>
    </Page>
  );
}

function Faces({
  faces,
  onDeleted,
}: {
  faces: readonly Face[];
  onDeleted: (faces: readonly Face[]) => void;
}) {
  const { words, text, time } = useSpeech();
  const client = useClient();
  /** At this cabinet; null: at all; undefined: nobody has asked for it. */
  const [asking, setAsking] = useState<string | null | undefined>(undefined);
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<FailureKind | null>(null);
  const withdraw = async (cabinetId: string | null): Promise<void> => {
    setBusy(true);
    setFailure(null);
    const answer = await client.ask('withdrawFaces', { cabinetId });
    setBusy(false);
    setAsking(undefined);
    if (answer.ok) onDeleted(answer.value.faces);
    else setFailure(answer.failure);
  };
  const kept = faces.filter(({ state }) => state === 'kept');
  return (
    <>
      {failure !== null && <Failed failure={failure} />}
      <ul className="space-y-3">
        {faces.map(({ cabinetId, place, enrolledAtMs, state }) => (
          <li key={cabinetId}>
            <Card as="article">
              <h2 className="text-heading font-bold">
                {place === null ? fill(words.purchase.elsewhere, { id: cabinetId }) : text(place)}
              </h2>
              <p className="tabular text-small text-soft">
                {place !== null && `${fill(words.purchase.elsewhere, { id: cabinetId })} · `}
                {fill(words.face.since, { time: time(enrolledAtMs) })}
              </p>
              {state === 'leaving' ? (
                <p className="mt-2 font-semibold text-amber-ink" data-testid={`face-leaving-${cabinetId}`}>
                  {words.face.leaving}
                </p>
              ) : (
                <div className="mt-3">
                  <Button
                    look="danger"
                    isWide
                    onPress={() => setAsking(cabinetId)}
                    testId={`face-delete-${cabinetId}`}
                  >
                    {words.face.delete}
                  </Button>
                </div>
              )}
            </Card>
          </li>
        ))}
      </ul>
      {kept.length > 1 && (
        <Button look="danger" isWide onPress={() => setAsking(null)} testId="face-delete-all">
          {words.face.deleteAll}
        </Button>
      )}
      {asking !== undefined && (
        <Dialog
          title={words.face.deleteTitle}
          yes={words.face.deleteYes}
          isBusy={isBusy}
          onYes={() => void withdraw(asking)}
          onNo={() => setAsking(undefined)}
        >
          <p>{words.face.deleteLead}</p>
        </Dialog>
      )}
    </>
  );
}
