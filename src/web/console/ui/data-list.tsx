import type { ReactNode } from 'react';
import {
  Cell,
  Column,
  GridList,
  GridListItem,
  ListLayout,
  Row,
  Table,
  TableBody,
  TableHeader,
  TableLayout,
  Virtualizer,
} from 'react-aria-components';
import { useNarrow } from '../base/narrow.ts';
import type { Further } from '../base/load.ts';
import { More } from './more.tsx';

export interface DataColumn<T> {
  readonly id: string;
  readonly title: string;
  /** Px, or a share of what is left ("2fr"). */
  readonly width: number | `${number}fr`;
  readonly cell: (item: T) => ReactNode;
  readonly numeric?: boolean;
}

interface DataListProps<T> {
  readonly label: string;
  readonly items: readonly T[];
  readonly columns: readonly DataColumn<T>[];
  readonly keyOf: (item: T) => string;
  readonly hrefOf: (item: T) => string;
  /** In one line for who hears it. */
  readonly textOf: (item: T) => string;
  /** As it is on a phone. */
  readonly card: (item: T) => ReactNode;
  readonly cardHeight: number;
  readonly pages: Further;
}

const rowHeight = 60;
const headingHeight = 44;
const head = 'flex h-full items-center px-4 text-small font-semibold text-soft';
const cellClass = 'flex h-full min-w-0 items-center overflow-hidden px-4 text-label outline-offset-[-3px]';
const cardClass = [
  'h-full cursor-pointer overflow-hidden rounded-card border border-line bg-card px-4 py-3',
  'outline-offset-[-3px]',
].join(' ');

/** A list of any length: only what is seen of it is in the page. A table, or cards where there is no room for one. */
export function DataList<T extends object>(props: DataListProps<T>) {
  const { items, pages } = props;
  const isNarrow = useNarrow();
  return (
    <div className="flex flex-col gap-3">
      {isNarrow ? <Cards {...props} /> : <Rows {...props} />}
      <More count={items.length} {...pages} />
    </div>
  );
}

function Rows<T extends object>({ label, items, columns, keyOf, hrefOf, textOf }: DataListProps<T>) {
  return (
    <Virtualizer layout={TableLayout} layoutOptions={{ rowHeight, headingHeight }}>
      <Table
        aria-label={label}
        className="overflow-auto rounded-card border border-line bg-card"
        style={{ height: `min(${items.length * rowHeight + headingHeight + 2}px, 70dvh)` }}
      >
        <TableHeader className="h-full w-full border-b border-line bg-sunk">
          {columns.map(({ id, title, width, numeric }, index) => (
            <Column
              key={id}
              id={id}
              width={width}
              isRowHeader={index === 0}
              className={`${head} ${numeric === true ? 'justify-end' : ''}`}
            >
              {title}
            </Column>
          ))}
        </TableHeader>
        <TableBody>
          {items.map((item) => (
            <Row
              key={keyOf(item)}
              id={keyOf(item)}
              href={hrefOf(item)}
              textValue={textOf(item)}
              className="h-full cursor-pointer border-b border-line outline-offset-[-3px] data-[hovered]:bg-sunk"
            >
              {columns.map(({ id, cell, numeric }) => (
                <Cell
                  key={id}
                  className={`${cellClass} ${numeric === true ? 'tabular justify-end font-semibold' : ''}`}
                >
                  {cell(item)}
                </Cell>
              ))}
            </Row>
          ))}
        </TableBody>
      </Table>
    </Virtualizer>
  );
}

function Cards<T extends object>({
  label,
  items,
  keyOf,
  hrefOf,
  textOf,
  card,
  cardHeight,
}: DataListProps<T>) {
  return (
    <Virtualizer layout={ListLayout} layoutOptions={{ rowSize: cardHeight, gap: 8 }}>
      <GridList
        aria-label={label}
        className="overflow-auto"
        style={{ height: `min(${items.length * (cardHeight + 8)}px, 76dvh)` }}
      >
        {items.map((item) => (
          <GridListItem
            key={keyOf(item)}
            id={keyOf(item)}
            href={hrefOf(item)}
            textValue={textOf(item)}
            className={cardClass}
          >
            {card(item)}
          </GridListItem>
        ))}
      </GridList>
    </Virtualizer>
  );
}
