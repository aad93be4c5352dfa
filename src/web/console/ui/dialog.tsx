import type { ReactNode } from 'react';
import { Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';

const box = [
  'max-h-dvh w-full max-w-2xl overflow-auto bg-paper text-ink shadow-above',
  'sm:max-h-[92dvh] sm:rounded-card sm:border sm:border-line',
].join(' ');

/** Over the page; on a phone it fills it. `onClose` left out: it has to be answered. */
export function DialogBox({
  heading,
  onClose,
  children,
}: {
  heading: string;
  onClose?: () => void;
  children: ReactNode;
}) {
  return (
    <ModalOverlay
      isOpen
      isKeyboardDismissDisabled={onClose === undefined}
      onOpenChange={(isOpen) => {
        if (!isOpen) onClose?.();
      }}
      className="fixed inset-0 z-10 flex items-end justify-center bg-black/50 sm:items-center sm:p-6"
    >
      <Modal className={box}>
        <Dialog className="flex flex-col gap-4 p-5 outline-none sm:p-6">
          <Heading slot="title" className="text-title font-semibold">
            {heading}
          </Heading>
          {children}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
