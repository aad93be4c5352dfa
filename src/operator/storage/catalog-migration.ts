/** Catalogues that were made, and which of them is in force (fleet/catalog-in-force.ts). */
export const catalogVersions = {
  version: 61,
  name: 'catalog_versions',
  statements: [
    `create table catalog_version (
       number bigint generated always as identity primary key,
       version text not null,
       etag text not null,
       body text not null,
       from_file boolean not null,
       made_by text not null,
       made_at_ms bigint not null,
       put_order bigint unique
     )`,
    `create index catalog_version_etag on catalog_version (etag)`,
  ],
} as const;

/** Pictures of goods (fleet/goods-pictures.ts). */
export const goodsPictures = {
  version: 62,
  name: 'goods_pictures',
  statements: [
    `create table goods_picture (
       name text primary key,
       type text not null,
       picture bytea not null,
       made_at_ms bigint not null
     )`,
  ],
} as const;
