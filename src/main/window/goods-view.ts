import { constants, setPriority } from 'node:os';
import type { Logger } from '../../shared/util/logger.ts';
import { sendEvent } from '../ipc/register.ts';
import type { GoodsView } from './goods-view-keeper.ts';
import { openOwnView } from './own-view.ts';

/** The view that looks at goods, in Electron: never on the screen, and everything else comes first. */
export function openGoodsView(options: {
  readonly preload: string;
  readonly logger: Logger;
  readonly gone: (why: string) => void;
}): GoodsView {
  const view = openOwnView({ caller: 'goods', ...options });
  const { webContents: contents } = view;
  contents.once('did-finish-load', () => {
    try {
      setPriority(contents.getOSProcessId(), constants.priority.PRIORITY_BELOW_NORMAL);
    } catch (error) {
      // It works all the same, only not last.
      options.logger.warn('goods_view.priority', { error: String(error) });
    }
  });
  return {
    contents,
    send: (name, payload) => {
      sendEvent('goods', contents, name, payload);
    },
    // It is the view that is held here: one that nobody holds is collected some seconds later, and its document with it.
    close: () => {
      if (!contents.isDestroyed()) view.webContents.close();
    },
  };
}
