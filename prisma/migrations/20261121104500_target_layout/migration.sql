-- AlterTable
ALTER TABLE "sync_target" ADD COLUMN     "layout" JSONB;
