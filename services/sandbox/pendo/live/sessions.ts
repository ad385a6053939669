import { randomNumbers } from '../../random.ts'
import { type LiveVisitor, PEOPLE, PRODUCT } from '../data/data.ts'
import { anonymousId } from '../ids.ts'
import type { Values } from '../model/fields.ts'
import type { Happening } from '../model/in-app.ts'

/** People who use the product, several at a time: what they do next, one thing after the other. */
export interface LiveSessions {
  /** @param now epoch milliseconds */
  next(now: number): Happening
}

interface Session {
  readonly person: LiveVisitor
  readonly userAgent: string
  readonly remoteIp: string
  /** While nobody is logged in. */
  anonymous: string | undefined
  /** Things still to do. */
  left: number
  page: string
}

const SIDE_BY_SIDE = 6
const LONGEST = 18
const COME_ANONYMOUS = 0.3
const LOOK_ON = 0.3
/** So that the visitors are bounded in number however long the traffic goes on. */
const ANONYMOUS_VISITORS = 200

const BROWSER = 'AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36'
const SYSTEMS = ['Macintosh; Intel Mac OS X 10_15_7', 'Windows NT 10.0; Win64; x64', 'X11; Linux x86_64']

/** The same seed and the same calls give the same happenings. */
export const createLiveSessions = (seed: number): LiveSessions => {
  const random = randomNumbers(seed)
  const sessions: Session[] = []
  let opened = 0
  const open = (): Session => {
    const person = pick(random, PEOPLE.visitors)
    const isAnonymous = random() < COME_ANONYMOUS
    opened += 1
    return {
      person,
      userAgent: `Mozilla/5.0 (${pick(random, SYSTEMS)}) ${BROWSER}`,
      remoteIp: `203.0.113.${1 + Math.floor(random() * 250)}`,
      anonymous: isAnonymous ? anonymousId(`${seed} ${opened % ANONYMOUS_VISITORS}`) : undefined,
      left: 3 + Math.floor(random() * LONGEST),
      page: isAnonymous ? 'Pricing' : 'Dashboard',
    }
  }
  return {
    next: now => {
      if (sessions.length < SIDE_BY_SIDE) sessions.push(open())
      const index = Math.floor(random() * sessions.length)
      const session = sessions[index] ?? open()
      session.left -= 1
      if (session.left <= 0) sessions.splice(index, 1)
      return session.anonymous === undefined ? step(session, now, random) : lookAround(session, now, random)
    },
  }
}

const pick = <Item>(random: () => number, items: readonly Item[]): Item => {
  const item = items[Math.floor(random() * items.length)]
  if (item === undefined) throw new RangeError('There is nothing to choose from')
  return item
}

const happening = (
  session: Session,
  now: number,
  what: Pick<Happening, 'kind' | 'name'> & Partial<Happening>,
): Happening => {
  const { person, anonymous, userAgent, remoteIp } = session
  const { visitorId, accountId = '', ...said } = person
  const account = PEOPLE.accounts.find(one => one.accountId === accountId)
  const common = { at: now, userAgent, remoteIp, properties: {}, merges: undefined }
  if (anonymous !== undefined) return { ...common, visitorId: anonymous, accountId: '', agent: {}, ...what }
  const agent = { visitor: said, ...(account ? { account: { name: account.name, plan: account.plan } } : {}) }
  return { ...common, visitorId, accountId, agent, ...what }
}

/** Somebody who is not logged in looks at two pages; most then log in, and what they did becomes theirs. */
const lookAround = (session: Session, now: number, random: () => number): Happening => {
  if (session.page === 'Pricing') {
    session.page = 'Login'
    return happening(session, now, { kind: 'page', name: 'Pricing' })
  }
  const merges = session.anonymous
  if (random() < LOOK_ON) return happening(session, now, { kind: 'page', name: 'Login' })
  session.anonymous = undefined
  session.page = 'Dashboard'
  return happening(session, now, { kind: 'page', name: 'Dashboard', merges })
}

const PAGES = PRODUCT.items.filter(({ kind, name }) => kind === 'Page' && !['Login', 'Pricing'].includes(name))
const EVENTS = Object.keys(PRODUCT.trackProperties)

const step = (session: Session, now: number, random: () => number): Happening => {
  const chance = random()
  const did = (what: Parameters<typeof happening>[2]): Happening => happening(session, now, what)
  const features = PRODUCT.items.filter(({ kind, page }) => kind === 'Feature' && page === session.page)
  if (chance < 0.4 && features.length > 0) return did({ kind: 'feature', name: pick(random, features).name })
  if (chance < 0.75) {
    session.page = pick(random, PAGES).name
    return did({ kind: 'page', name: session.page })
  }
  if (chance < 0.92) {
    const name = pick(random, EVENTS)
    return did({ kind: 'track', name, properties: pick(random, PRODUCT.trackProperties[name] ?? [{}]) })
  }
  return did(asked(random))
}

/** A guide, a survey or a poll, seen or answered. */
const asked = (random: () => number): Pick<Happening, 'kind' | 'name'> & { readonly properties?: Values } => {
  const chance = random()
  if (chance < 0.4) return { kind: 'guideDisplayed', name: PRODUCT.guide }
  if (chance < 0.6) return { kind: 'npsDisplayed', name: PRODUCT.survey }
  if (chance < 0.8) {
    const rating = Math.floor(random() * 11)
    const source = random() < 0.8 ? 'web' : 'email'
    const properties = { rating, reason: source === 'web' ? pick(random, PRODUCT.reasons) : '', source }
    return { kind: 'npsSubmitted', name: PRODUCT.survey, properties }
  }
  const poll = { pollId: 'poll-1', pollType: 'YesNo' }
  if (chance < 0.9) return { kind: 'pollDisplayed', name: PRODUCT.poll, properties: poll }
  return { kind: 'pollSubmitted', name: PRODUCT.poll, properties: { ...poll, pollResponse: Math.floor(random() * 2) } }
}
