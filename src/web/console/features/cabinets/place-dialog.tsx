import { useState } from 'react';
import type { KnownCabinet } from '../../../../shared/console/fleet.schema.ts';
import type { Failed } from '../../base/client.ts';
import { useClient } from '../../base/context.ts';
import { useWords } from '../../i18n/words.ts';
import { DialogBox } from '../../ui/dialog.tsx';
import { ReasonForm } from '../../ui/reason-form.tsx';
import { TextField } from '../../ui/text-field.tsx';

/** "31.23, 121.47"; empty: none; undefined: it is no position. */
function positionIn(text: string): KnownCabinet['at'] | undefined {
  if (text.trim() === '') return null;
  const [, first = '', second = ''] =
    /^(-?\d{1,2}(?:\.\d+)?)\s*[,，\s]\s*(-?\d{1,3}(?:\.\d+)?)$/.exec(text.trim()) ?? [];
  const [latitude, longitude] = [Number(first), Number(second)];
  if (first === '' || Math.abs(latitude) > 90 || Math.abs(longitude) > 180) return undefined;
  return { latitude, longitude };
}

/** Where a cabinet stands, as members read it before they open its door. */
export function PlaceDialog({
  cabinet: { cabinetId, place, at, placeVersion: version },
  onClose,
  onDone,
}: {
  cabinet: Pick<KnownCabinet, 'cabinetId' | 'place' | 'at' | 'placeVersion'>;
  onClose: () => void;
  onDone: () => void;
}) {
  const words = useWords().cabinets;
  const client = useClient();
  const [zh, setZh] = useState(place?.zh ?? '');
  const [en, setEn] = useState(place?.en ?? '');
  const [where, setWhere] = useState(at === null ? '' : `${at.latitude}, ${at.longitude}`);
  const submit = async (reason: string): Promise<Failed | null> => {
    const position = positionIn(where);
    if (position === undefined) return { code: 'bad_request', retryAfterS: null };
    const said = { zh: zh.trim(), en: en.trim() === '' ? zh.trim() : en.trim() };
    const asked = { place: said, at: position, reason, version };
    const answer = await client.ask('placeCabinet', asked, { cabinetId });
    if (!answer.ok) return answer.error;
    onDone();
    return null;
  };
  return (
    <DialogBox heading={words.placeOf(cabinetId)} onClose={onClose}>
      <p className="text-label text-soft">{words.placeLead}</p>
      <ReasonForm
        label={words.reason}
        submit={words.savePlace}
        wrong={words.badPlace}
        onCancel={onClose}
        onSubmit={submit}
      >
        <TextField label={words.placeZh} value={zh} onChange={setZh} maxLength={60} isRequired autoFocus />
        <TextField
          label={words.placeEn}
          hint={words.placeEnHint}
          value={en}
          onChange={setEn}
          maxLength={60}
        />
        <TextField label={words.position} hint={words.positionHint} value={where} onChange={setWhere} />
      </ReasonForm>
    </DialogBox>
  );
}
