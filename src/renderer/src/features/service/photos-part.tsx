import { useState } from 'react';
import { Button } from 'react-aria-components/Button';
import { useTranslation } from 'react-i18next';
import { type PhotoLook, photoFaults, photoLooks } from '../../../../shared/model/goods-photo.ts';
import type { PhotosView } from '../../../../shared/model/goods-photo.schema.ts';
import { useText } from '../../kiosk/context.ts';
import { ActionButton, QuietButton } from '../../ui/buttons.tsx';
import { Last, Panel, type RoomProps, type ScanProps } from './room-parts.tsx';
import { ShelfPicture } from './shelf-picture.tsx';

const refusals = [...photoFaults, 'unknown', 'nothing_waits'] as const;
interface Place {
  readonly camera: string;
  readonly slot: number;
}

/** Photos by which an article is recognised: which, before which camera, the slot empty, one piece from several sides. */
export function PhotosPart({ view, calls, handledSeq, onHandled }: RoomProps & ScanProps) {
  const { t } = useTranslation();
  const [chosen, setSku] = useState<string | null>(null);
  const [place, setPlace] = useState<Place | null>(null);
  const { photos, scanned } = view;
  if (photos === null)
    return (
      <Panel>
        <p className="text-label text-soft" data-testid="photos-none">
          {t('photos.none')}
        </p>
      </Panel>
    );
  const isScanned = scanned !== null && scanned.seq > handledSeq;
  const sku = (isScanned ? scanned.sku : null) ?? chosen;
  const close = (): void => {
    setSku(null);
    setPlace(null);
    onHandled(scanned?.seq ?? 0);
  };
  const it = view.products.find((one) => one.sku === sku);
  const room = { view, calls, photos };
  if (it === undefined)
    return <Which {...room} unknown={isScanned ? scanned.text : null} onChoose={setSku} />;
  if (place === null) return <Where {...room} it={it} onChoose={setPlace} onBack={close} />;
  return <Take {...room} it={it} place={place} onBack={() => setPlace(null)} onDone={close} />;
}

type Parts = RoomProps & { readonly photos: PhotosView };
type Product = RoomProps['view']['products'][number];

/** What became of the last photo. */
function Done({ view }: Pick<RoomProps, 'view'>) {
  const { t } = useTranslation();
  const detail = refusals.find((one) => one === view.last?.detail);
  const words = detail === undefined ? undefined : t(`photos.refused.${detail}`);
  return <Last view={view} of={['takePhoto', 'undoPhoto']} words={words} />;
}

function Undo({ view, calls, photos }: Parts) {
  const { t } = useTranslation();
  const { sessionId, isBusy } = view;
  if (photos.undoCount === 0) return null;
  return (
    <ActionButton
      testId="action-undo-photo"
      kind="secondary"
      disabled={isBusy}
      onPress={() => void calls.goods({ sessionId, order: { act: 'undoPhoto' } })}
    >
      {t('photos.undo')}
    </ActionButton>
  );
}

/** All articles, with by how many photos they are known. */
function Which({
  unknown,
  onChoose,
  ...room
}: Parts & { unknown: string | null; onChoose: (sku: string) => void }) {
  const { t } = useTranslation();
  const text = useText();
  const countOf = useKnown(room.photos);
  return (
    <Panel>
      <p className="text-label text-soft">{t('photos.lead')}</p>
      <Done view={room.view} />
      <Undo {...room} />
      {unknown !== null && (
        <p role="status" className="text-label text-cinnabar-ink">
          {t('stock.dates.noProduct', { text: unknown })}
        </p>
      )}
      <p className="text-label">{t('photos.which')}</p>
      {room.view.products.map(({ sku, name }) => (
        <QuietButton
          key={sku}
          testId={`key-photo-${sku}`}
          disabled={room.view.isBusy}
          onPress={() => onChoose(sku)}
        >
          {`${text(name)} · ${countOf(sku)}`}
        </QuietButton>
      ))}
    </Panel>
  );
}

/** Before which camera, in which slot: any of them shows how an article looks. */
function Where({
  view,
  photos,
  it,
  onChoose,
  onBack,
}: Parts & { it: Product; onChoose: (place: Place) => void; onBack: () => void }) {
  const { t } = useTranslation();
  const text = useText();
  const nameOf = (sku: string): string => {
    const name = view.products.find((one) => one.sku === sku)?.name;
    return name === undefined ? sku : text(name);
  };
  return (
    <Panel>
      <p className="text-label">{t('photos.where', { name: text(it.name) })}</p>
      <QuietButton testId="action-photo-back" onPress={onBack}>
        {t('serviceMode.back')}
      </QuietButton>
      {photos.cameras.flatMap(({ id, slots }) =>
        slots.map(({ sku }, slot) => (
          <QuietButton
            key={`${id} ${slot}`}
            testId={`key-photo-slot-${id}-${slot}`}
            onPress={() => onChoose({ camera: id, slot })}
          >
            {t('photos.slot', { camera: id, number: slot + 1, name: nameOf(sku) })}
          </QuietButton>
        )),
      )}
    </Panel>
  );
}

/** The slot without goods first; then one piece, side by side. */
function Take({
  it,
  place,
  onBack,
  onDone,
  ...room
}: Parts & { it: Product; place: Place; onBack: () => void; onDone: () => void }) {
  const { t } = useTranslation();
  const text = useText();
  const [chosen, setLook] = useState<PhotoLook | null>(null);
  const countOf = useKnown(room.photos);
  const { view, calls, photos } = room;
  const { camera, slot } = place;
  const now = photos.now?.camera === camera && photos.now.slot === slot ? photos.now : null;
  const isEmptySeen = now?.isSeenEmpty === true;
  const look = chosen ?? photoLooks[(now?.kept ?? 0) % photoLooks.length] ?? 'front';
  const box = photos.cameras.find(({ id }) => id === camera)?.slots[slot];
  const name = text(it.name);
  const twins = view.products.filter(({ sku }) => now?.twins.includes(sku) === true);
  return (
    <Panel>
      <p className="text-heading">{name}</p>
      <p className="flex justify-between gap-24 text-label text-soft">
        <span>{t('photos.at', { camera, number: slot + 1 })}</span>
        <span data-testid="photo-count">{countOf(it.sku)}</span>
      </p>
      <Done view={view} />
      <p className="text-label" data-testid="photo-step">
        {isEmptySeen ? t(`photos.todo.${look}`) : t('photos.todo.empty')}
      </p>
      <p className="text-small text-soft">{t('photos.effect', { name })}</p>
      <ActionButton
        testId={isEmptySeen ? 'action-take-photo' : 'action-take-empty'}
        disabled={view.isBusy}
        onPress={() => {
          const of = isEmptySeen ? { sku: it.sku, look } : { sku: null, look: null };
          void calls.goods({
            sessionId: view.sessionId,
            order: { act: 'takePhoto', camera, slot, ...of },
          });
          setLook(null);
        }}
      >
        {view.isBusy ? t('photos.taking') : isEmptySeen ? t('photos.take') : t('photos.takeEmpty')}
      </ActionButton>
      {isEmptySeen && <Looks look={look} onChoose={setLook} />}
      {now?.jpeg != null && box !== undefined && <ShelfPicture jpeg={now.jpeg} boxes={[box]} />}
      {twins.length > 0 && (
        <p className="text-label text-amber-ink">
          {t('photos.twins', { names: twins.map((one) => text(one.name)).join(', ') })}
        </p>
      )}
      <Undo {...room} />
      <QuietButton testId="action-photo-slot" disabled={view.isBusy} onPress={onBack}>
        {t('photos.otherSlot')}
      </QuietButton>
      <ActionButton testId="action-photo-done" kind="secondary" disabled={view.isBusy} onPress={onDone}>
        {t('photos.done')}
      </ActionButton>
    </Panel>
  );
}

function Looks({ look, onChoose }: { look: PhotoLook; onChoose: (look: PhotoLook) => void }) {
  const { t } = useTranslation();
  return (
    <div className="grid grid-cols-5 gap-8">
      {photoLooks.map((one) => (
        <Button
          key={one}
          data-testid={`key-look-${one}`}
          aria-current={one === look ? 'step' : 'false'}
          onPress={() => onChoose(one)}
          className={
            'min-h-96 rounded-tile px-8 text-small leading-tight ' +
            (one === look ? 'bg-ink text-paper' : 'bg-sunk text-ink')
          }
        >
          {t(`photos.look.${one}`)}
        </Button>
      ))}
    </div>
  );
}

function useKnown({ known }: PhotosView): (sku: string) => string {
  const { t } = useTranslation();
  return (sku) => {
    const it = known.find((one) => one.sku === sku);
    if (it === undefined) return t('photos.known.none');
    return t(it.isEnough ? 'photos.known.enough' : 'photos.known.few', { count: it.count });
  };
}
