import { readFileSync } from 'node:fs'
import type { TaggedItem } from '../model/catalog.ts'
import type { Values } from '../model/fields.ts'

/** The product whose use Pendo sees. */
export interface Product {
  readonly items: readonly TaggedItem[]
  /** What track events of a name come with, by name. */
  readonly trackProperties: Readonly<Record<string, readonly Values[]>>
  readonly guide: string
  readonly survey: string
  /** What people write with their rating. */
  readonly reasons: readonly string[]
  readonly poll: string
}

export interface LiveVisitor {
  /** An e-mail address, or what an application made up. */
  readonly visitorId: string
  readonly accountId?: string
  readonly full_name: string
  readonly role: string
  /** Not every snippet tells it. */
  readonly email?: string
}

export interface LiveAccount {
  readonly accountId: string
  readonly name: string
  readonly plan: string
}

const read = <Content>(name: string): Content =>
  JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8')) as Content

export const PRODUCT: Product = read('product.json')

/** Who uses the product in live traffic, always the same. Many of them are in the recorded webinar too, so a CRM knows them. */
export const PEOPLE: { readonly accounts: readonly LiveAccount[]; readonly visitors: readonly LiveVisitor[] } =
  read('people.json')
