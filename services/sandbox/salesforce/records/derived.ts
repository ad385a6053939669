import type { Value } from '../schema/fields.ts'
import type { Draft, Row, Values } from './records.ts'

const personName = (row: Row): Values => ({
  Name: [row['FirstName'], row['LastName']].filter(Boolean).join(' '),
})

const task = (row: Row, draft: Pick<Draft, 'get'>, now: string): Values => {
  const closed = row['Status'] === 'Completed'
  return {
    IsClosed: closed,
    IsArchived: closed && row['IsArchived'] === true,
    IsHighPriority: row['Priority'] === 'High',
    CompletedDateTime: closed ? (row['CompletedDateTime'] ?? now) : null,
    AccountId: accountOf(draft.get(String(row['WhoId']))) ?? accountOf(draft.get(String(row['WhatId']))) ?? null,
  }
}

const accountOf = (row: Row | undefined): Value | undefined =>
  row && (row.Id.startsWith('001') ? row.Id : (row['AccountId'] ?? undefined))

const opportunity = ({ StageName }: Row): Values => ({
  IsClosed: String(StageName).startsWith('Closed'),
  IsWon: StageName === 'Closed Won',
})

/** Whether it is something that is no person. */
const taskRelation = (row: Row, draft: Pick<Draft, 'get'>): Values => ({
  IsWhat: !/^(?:003|00Q)/.test(String(row['RelationId'])),
  AccountId: accountOf(draft.get(String(row['RelationId']))) ?? null,
})

/** The fields that Salesforce computes from the others of a record, by object. */
const DERIVED: Readonly<Record<string, (row: Row, draft: Pick<Draft, 'get'>, now: string) => Values>> = {
  Contact: personName,
  Lead: personName,
  User: personName,
  Task: task,
  TaskRelation: taskRelation,
  Opportunity: opportunity,
}

export const withDerived = (object: string, row: Row, draft: Pick<Draft, 'get'>, now: string): Row => ({
  ...row,
  ...DERIVED[object]?.(row, draft, now),
})
