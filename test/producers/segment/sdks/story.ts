import assert from 'node:assert/strict'
import { eventually } from '../../../scenarios/eventually.ts'
import { type Serving, startCluster, startServing } from '../serving.ts'

/** What each SDK is made to tell: who somebody is, their company, and what they did. */
export const story = {
  userId: 'u-1',
  traits: { email: 'Ada@Example.com', plan: 'pro', seats: 3 },
  groupId: 'acme',
  groupTraits: { name: 'Acme', industry: 'tools' },
  event: 'Report Exported',
  properties: { format: 'pdf', pages: 12, draft: false },
  page: 'Pricing',
} as const

/** The ingest with the clock of today, as SDKs tell their time. */
export const startToday = async (): Promise<Serving> => {
  const cluster = await startCluster()
  cluster.clock.advance(Date.now() - cluster.clock.now())
  return await startServing({ cluster })
}

/** Waits until the story has come, then compares it: each call once, with its values and its people. */
export const assertStory = async (serving: Serving, { page }: { readonly page: boolean }): Promise<void> => {
  const names = ['TRACK Report Exported', ...(page ? ['PAGE Pricing'] : [])]
  await eventually(async () => {
    assert.deepEqual((await serving.tracks()).map(({ kind, name }) => `${kind} ${name}`).toSorted(), names.toSorted())
    assert.equal((await serving.accounts()).length, 1)
    assert.equal((await serving.visitors()).length, 2)
  })
  const [track] = (await serving.tracks()).filter(({ kind }) => kind === 'TRACK')
  assert.equal(track?.person, `user:${story.userId}`)
  assert.deepEqual(pick(track?.properties, story.properties), story.properties)
  const [account] = await serving.accounts()
  assert.equal(account?.account, story.groupId)
  assert.deepEqual(pick(account?.traits, story.groupTraits), story.groupTraits)
  const visitors = await serving.visitors()
  assert.deepEqual(
    visitors.map(({ person }) => person),
    [`user:${story.userId}`, `user:${story.userId}`],
  )
  const identified = visitors.find(({ traits }) => 'plan' in traits)
  assert.deepEqual(pick(identified?.traits, story.traits), story.traits)
  const aliases = new Set((await serving.claims()).flatMap(claim => claim.aliases))
  for (const alias of [`user:${story.userId}`, 'email:ada@example.com']) assert.ok(aliases.has(alias), alias)
  assert.deepEqual(await serving.letters(), [])
}

const pick = (from: Readonly<Record<string, unknown>> | undefined, like: object): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.keys(like).map(name => [name, from?.[name]]))
