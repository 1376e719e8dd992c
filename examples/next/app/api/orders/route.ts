import { runWithContext } from 'prisma-writeback'
import { prisma } from '@/lib/prisma'

export async function POST(request: Request): Promise<Response> {
  const { number, total } = (await request.json()) as { number: string; total: string }
  const userId = request.headers.get('x-user') ?? 'nobody'
  const order = await runWithContext({ userId }, () =>
    prisma.order.upsert({ where: { number }, create: { number, total }, update: { total } }),
  )
  return Response.json(order)
}
