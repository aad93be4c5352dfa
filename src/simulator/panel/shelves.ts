import type { Catalog, Product } from '../../shared/model/catalog.schema.ts';
import type { SimulatorState } from '../api.ts';
import { button, byId, make } from './dom.ts';

type Item = SimulatorState['goods'][number];

export interface ShelfActions {
  /** A click on goods that stand in the cabinet. */
  touch(item: Item): void;
  putBack(item: Item, shelf: number | undefined): void;
}

/** The drawn cabinet: shelves with bays, the door before them, the hand below. Keeps one element for each item. */
export class Shelves {
  readonly #products: ReadonlyMap<string, Product>;
  readonly #homeShelf = new Map<string, number>();
  readonly #bays = new Map<string, HTMLElement>();
  readonly #strays: HTMLElement[] = [];
  readonly #elements = new Map<string, { element: HTMLElement; drawn: string }>();
  readonly #actions: ShelfActions;
  readonly #shelfCount: number;

  constructor(catalog: Catalog, shelfCount: number, actions: ShelfActions) {
    this.#products = new Map(catalog.products.map((product) => [product.sku, product]));
    this.#actions = actions;
    this.#shelfCount = shelfCount;
    this.#drawShelves(catalog, shelfCount);
  }

  show(state: SimulatorState): void {
    const frame = byId('frame');
    frame.classList.toggle('open', state.door === 'open');
    frame.classList.toggle('released', state.bolt === 'released');
    const [head, hint] = doorTexts(state);
    byId('door').querySelector('.door-state')?.replaceChildren(head);
    byId('door').querySelector('.door-hint')?.replaceChildren(hint);
    const inHand = state.goods.filter((item) => item.place === 'hand');
    byId('hand-count').textContent = inHand.length === 0 ? '· empty' : `· ${inHand.length}`;
    for (const item of state.goods) this.#place(item);
    const there = new Set(state.goods.map((item) => item.epc));
    for (const [epc, { element }] of this.#elements) {
      if (there.has(epc)) continue;
      element.remove();
      this.#elements.delete(epc);
    }
  }

  #drawShelves(catalog: Catalog, shelfCount: number): void {
    const perShelf = Math.ceil(catalog.products.length / shelfCount);
    const shelves = byId('shelves');
    shelves.replaceChildren();
    for (let shelf = 1; shelf <= shelfCount; shelf++) {
      const row = make('div', 'shelf');
      for (const product of catalog.products.slice((shelf - 1) * perShelf, shelf * perShelf)) {
        this.#homeShelf.set(product.sku, shelf);
        const bay = make('div', 'bay');
        const goods = make('div', 'goods');
        const price = (product.priceMinor / 100).toFixed(2);
        const label = make('div', 'price');
        label.append(make('span', '', product.name.en.replace(/ \d.*$/, '')), make('b', '', price));
        label.title = `${product.name.zh} · ${product.name.en}`;
        bay.append(goods, label);
        row.append(bay);
        this.#bays.set(product.sku, goods);
      }
      // Where things stand that do not belong on this shelf.
      const stray = make('div', 'stray');
      this.#strays[shelf] = stray;
      row.append(stray);
      shelves.append(row);
    }
  }

  #place(item: Item): void {
    const drawn = JSON.stringify(item);
    const known = this.#elements.get(item.epc);
    if (known?.drawn === drawn) return;
    const element = item.place === 'hand' ? this.#inHand(item) : this.#onShelf(item);
    known?.element.remove();
    this.#elements.set(item.epc, { element, drawn });
    this.#homeOf(item).append(element);
  }

  #homeOf(item: Item): HTMLElement {
    if (item.place === 'hand') return byId('hand');
    const atHome = item.sku !== null && item.shelf === this.#homeShelf.get(item.sku);
    const bay = item.sku === null || !atHome || item.foreign ? undefined : this.#bays.get(item.sku);
    return bay ?? this.#strays[item.shelf ?? this.#shelfCount] ?? byId('hand');
  }

  #onShelf(item: Item): HTMLElement {
    const element = button('', `${this.#nameOf(item)}\n${item.epc}`, () => {
      this.#actions.touch(item);
    });
    element.className = 'item';
    element.classList.toggle('covered', item.covered);
    element.classList.toggle('foreign', item.foreign);
    element.setAttribute('aria-label', `${this.#nameOf(item)}, take or cover`);
    element.append(this.#picture(item));
    return element;
  }

  #inHand(item: Item): HTMLElement {
    const element = make('div', 'held');
    const wrong = ((this.#homeShelf.get(item.sku ?? '') ?? this.#shelfCount) % this.#shelfCount) + 1;
    element.append(
      this.#picture(item),
      button('Back', `Put ${this.#nameOf(item)} back where it belongs`, () => {
        this.#actions.putBack(item, undefined);
      }),
      button('Wrong shelf', `Put ${this.#nameOf(item)} on shelf ${wrong}`, () => {
        this.#actions.putBack(item, wrong);
      }),
    );
    return element;
  }

  #picture(item: Item): HTMLElement {
    const picture = this.#products.get(item.sku ?? '')?.picture;
    const stand = make('span', 'no-picture', item.sku === null ? '?' : item.sku.slice(0, 2));
    if (picture === undefined) return stand;
    const image = make('img');
    image.alt = '';
    image.draggable = false;
    image.addEventListener('error', () => {
      image.replaceWith(stand);
    });
    image.src = `/catalog/${picture}.svg`;
    return image;
  }

  #nameOf(item: Item): string {
    const product = this.#products.get(item.sku ?? '');
    const name = product === undefined ? 'Unknown thing' : `${product.name.zh} · ${product.name.en}`;
    return item.foreign ? `${name} (foreign tag)` : name;
  }
}

function doorTexts(state: SimulatorState): [string, string] {
  if (state.door === 'open') return ['Open', 'click to shut'];
  if (state.bolt === 'released') return ['Unlocked', 'click to pull it open'];
  return ['Locked', 'present a code first'];
}
